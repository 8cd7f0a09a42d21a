/** The session of the Cluster tab, away from the page. */
import { answer } from '../worker-port.ts';
import { openSession } from './session.ts';

answer(openSession);
