/**
 * Each contestant at each size has a worker of its own, so that its first fit is truly the first, and one that
 * hangs can be ended. A worker's policy is that of its own file: where the host sends none, libraries that build
 * functions of text work here, though the page forbids them.
 */
import { answer } from '../worker-port.ts';
import { openSession } from './session.ts';

answer(openSession);
