/** The session of the Colours tab, away from the page. */
import { answer } from '../worker-port.ts';
import { openSession } from './session.ts';

answer(openSession);
