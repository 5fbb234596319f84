import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { documents, readFromRepository, updateDocument } from './docs-check';
import { repository } from './source-tree';

// Rewrites the code of README and docs/ from its sources: npm run docs:update

for (const document of documents()) {
  const before = readFromRepository(document);
  const after = updateDocument(before, readFromRepository);
  if (after === before) continue;
  writeFileSync(join(repository, document), after);
  console.log(`updated ${document}`);
}
