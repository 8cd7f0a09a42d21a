/**
 * Arrow and Parquet as Polars writes them, for test/unit/io-ecosystem.test.ts. Run where nodejs-polars is
 * installed, with this folder as the working directory: node make-polars.js
 */
import polars from 'nodejs-polars';

const made = polars.DataFrame({
  id: ['a', 'b', null, 'a long text beyond twelve bytes'],
  x: [1.5, null, 3, 4],
  n: [1, 2, 3, 4],
  yes: [true, false, null, true],
});
made.writeIPC('polars.arrow', { compression: 'uncompressed' });
made.writeParquet('polars.parquet', { compression: 'snappy' });
