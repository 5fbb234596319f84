import { expect } from 'chai';
import defaultSuperJson from 'superjson';
import { get, init, put, remote, shutdown } from 'rayx';

describe('a stored value', function () {
  this.timeout(20_000);
  before(() => init({ numCpus: 2 }));
  after(() => shutdown());

  it('does not change when somebody changes what he got', async () => {
    const stored = put({ count: 1, list: [1] });
    const change = remote((value: { count: number; list: number[] }) => {
      value.count += 1;
      value.list.push(2);
      return value;
    });
    for (const value of await get([change.remote(stored), change.remote(stored)])) {
      expect(value).to.deep.equal({ count: 2, list: [1, 2] });
    }
    (await get(stored)).list.length = 0;
    expect(await get(stored)).to.deep.equal({ count: 1, list: [1] });
    const result = remote(() => ({ list: [1] })).remote();
    (await get(result)).list.length = 0;
    expect(await get(result)).to.deep.equal({ list: [1] });
  });

  it("is not touched by what the script does to superjson's default instance", async () => {
    const custom = {
      isApplicable: (value: unknown): value is URL => value instanceof URL,
      serialize: () => 'spoiled',
      deserialize: () => new URL('https://spoiled.example'),
    };
    defaultSuperJson.registerCustom(custom, 'spec/e2e URL');
    const url = new URL('https://example.org/a?b');
    const values = await get([put(url), remote((value: URL) => value).remote(url)]);
    expect(values.map(String)).to.deep.equal([url.href, url.href]);
  });
});
