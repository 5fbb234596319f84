import { expect } from 'chai';
import {
  availableResources,
  clusterResources,
  get,
  getRuntimeContext,
  init,
  nodes,
  remote,
  shutdown,
} from 'rayx';
import { cpusFree } from './beacon';

describe('resources of the cluster', () => {
  before(() => init({ numCpus: 2, numGpus: 1, memory: 1e6, resources: { licence: 3 } }));
  after(() => shutdown());

  it("are told under Ray's keys", () => {
    expect(clusterResources()).to.deep.equal({ CPU: 2, GPU: 1, memory: 1e6, licence: 3 });
    expect(availableResources()).to.deep.equal(clusterResources());
  });

  it('are less what runs, seen from a task too', async () => {
    const options = { numCpus: 0.5, numGpus: 0.25, memory: 1000, resources: { licence: 1 } };
    const look = remote(() => availableResources(), options);
    expect(await get(look.remote())).to.deep.equal({
      CPU: 1.5,
      GPU: 0.75,
      memory: 999_000,
      licence: 2,
    });
    // The result is told before the resources are back.
    await cpusFree(2);
    expect(availableResources()).to.deep.equal(clusterResources());
  });

  it('are those of one node', () => {
    const { nodeId } = getRuntimeContext();
    expect(nodes()).to.deep.equal([{ nodeId, alive: true, resources: clusterResources() }]);
  });
});
