/** The session of the Colours tab, away from the page. */
import { poster } from '../worker-port.ts';
import type { FromSession, ToSession } from './messages.ts';
import { openSession } from './session.ts';

const receive = openSession(poster<FromSession>());
self.onmessage = ({ data }: MessageEvent<ToSession>) => receive(data);
