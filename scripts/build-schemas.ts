/** Writes schemas/*.schema.json from the contracts: `node scripts/build-schemas.ts && npx biome check --write schemas`. A test keeps the two equal. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonSchemas } from '../src/json-schemas.ts';

for (const [name, schema] of Object.entries(jsonSchemas())) {
  const file = join(import.meta.dirname, '..', 'schemas', name);
  writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`);
}
