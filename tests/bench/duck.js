// SPDX-License-Identifier: ISC
// duck.js DB SQL...: runs statements with DuckDB's binding for node.
const { DuckDBInstance } = require('@duckdb/node-api');

async function main([db, ...statements]) {
	const instance = await DuckDBInstance.create(db);
	const connection = await instance.connect();
	for (const sql of statements)
		await connection.run(sql);
	connection.closeSync();
	instance.closeSync();
}

main(process.argv.slice(2)).catch((error) => {
	console.error(String(error));
	process.exit(1);
});
