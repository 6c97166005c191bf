// Prints the tasks.
const { Client } = require('pg');

async function main() {
  const client = new Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  console.table((await client.query('SELECT * FROM tasks ORDER BY id')).rows);
  await client.end();
}

main();
