import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { documents, readFromRepository, updateDocument } from './docs-check';
import { updateTables } from './docs-tables';
import { repository } from './source-tree';

// Rewrites code and tables of README and docs/ from their sources: npm run docs:update

for (const document of documents()) {
  const before = readFromRepository(document);
  const after = updateTables(updateDocument(before, readFromRepository));
  if (after === before) continue;
  writeFileSync(join(repository, document), after);
  console.log(`updated ${document}`);
}
