/** The drawing of the Cluster tab, away from the page. */
import { answer } from '../worker-port.ts';
import { openDrawing } from './drawing.ts';

answer(openDrawing);
