// duckdb.mjs: runs duckdb.sql in memory, statement by statement.
//
//	node duckdb.mjs MODULES THREADS MEMORY DUMPS OUT
//
// MODULES is the folder whose node_modules holds @duckdb/node-api. What does not
// fit into MEMORY (as in 8000MB) it keeps in OUT.spill.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const [modules, threads, memory, dumps, out] = process.argv.slice(2);
const require = createRequire(resolve(modules, 'package.json'));
const { DuckDBInstance } = require('@duckdb/node-api');

mkdirSync(out, { recursive: true });
const sql = readFileSync(new URL('duckdb.sql', import.meta.url), 'utf8')
	.replaceAll('${dumps}', dumps).replaceAll('${out}', out);
const instance = await DuckDBInstance.create(':memory:', {
	threads, memory_limit: memory, temp_directory: `${out}.spill`,
});
const connection = await instance.connect();
for (const statement of sql.replaceAll(/--.*/g, '').split(/;\n/)) {
	if (statement.trim() === '')
		continue;
	const start = performance.now();
	await connection.run(statement);
	if (process.env.VERBOSE)
		console.error(`${Math.round(performance.now() - start)} ms ${statement.trim().slice(0, 40)}`);
}
