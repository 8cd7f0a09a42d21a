/** `centroids quantize`: an image in fewer colours, or one palette for many images. */
import { basename, extname, join } from 'node:path';
import { Command, Option } from 'commander';
import { read, write, PIPE } from '../files.ts';
import { number, wholeNumber } from '../arguments.ts';
import { UsageError } from '../exit.ts';
import { progressDisplay } from '../progress.ts';
import type { Terminal } from '../terminal.ts';

const EXAMPLES = `
Examples:
  $ centroids quantize photo.jpg --colors 64 --output photo.png
  $ centroids quantize photo.jpg --colors 16 --dither blue-noise -o small.png -o palette.gpl
  $ centroids quantize logo.png --lock '#e4002b,#fff' --min-quality 38 -o logo-small.png
  $ centroids quantize frame-*.png -o animation.gif --delay 40
  $ centroids quantize shots/*.png --out-dir quantized        # one palette for all
  $ curl -s https://example.com/a.png | centroids quantize - -o - > b.png
  $ centroids quantize photo.jpg --colors 8                   # prints the palette`;
