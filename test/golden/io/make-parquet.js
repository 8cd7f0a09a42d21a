/**
 * Parquet and CSV as DuckDB writes them, for test/unit/io-ecosystem.test.ts. Run where @duckdb/node-api is
 * installed (1.5.6 it was), with this folder as the working directory: node make-parquet.js
 */
import { DuckDBInstance } from '@duckdb/node-api';

const connection = await (await DuckDBInstance.create(':memory:')).connect();
await connection.run(`
  create table points as
  select
    'id ' || i as id,
    i::tinyint as tiny, i::usmallint as small, i::integer as whole, i::bigint as big, i::ubigint as ubig,
    (i / 8)::float as single,
    case when i % 5 = 3 then null else i / 3 end as gaps,
    i % 2 = 0 as even,
    case when i % 7 = 0 then null else 'group ' || (i % 3) end as grp,
    date '2026-01-01' + i::integer as day,
    (i / 4)::decimal(9, 2) as price,
    [i, i + 0.5, -i]::float[3] as v,
    [i, i + 1]::double[] as list,
    { a: i, b: 'x' } as pair
  from range(40) t(i)`);
for (const codec of ['snappy', 'gzip', 'zstd', 'uncompressed', 'brotli'])
  await connection.run(
    `copy points to 'duckdb-${codec}.parquet' (format parquet, codec '${codec}', row_group_size 2048)`,
  );
await connection.run(
  "copy (from points) to 'duckdb-v2.parquet' (format parquet, parquet_version 'v2')",
);
await connection.run("copy (select id, whole, single, gaps, grp from points) to 'duckdb.csv'");
await connection.run(
  "copy (select id, whole, single, gaps, v from points) to 'duckdb.jsonl' (format json)",
);
