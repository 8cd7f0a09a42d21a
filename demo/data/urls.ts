/** Where a page has the files of its data sets, for code that reads them from there. */
import digits from './digits.csv?url&no-inline';
import iris from './iris.csv?url&no-inline';
import wine from './wine.csv?url&no-inline';
import type { DataSet } from './data-sets.ts';

const FILES: Record<DataSet, string> = { iris, wine, digits };

export const urlOf = (name: DataSet) => new URL(FILES[name], document.baseURI).href;
