// A parse thread whose engine does to order what a hostile page might do to the real one.
import { parentPort } from 'node:worker_threads';

const hoard = [];
parentPort.on('message', ({ bytes }) => {
  const order = new TextDecoder().decode(bytes);
  if (order === 'loop') for (;;);
  if (order === 'hoard') for (;;) hoard.push(new Array(100_000).fill(order + hoard.length));
  if (order === 'die') process.exit(1);
  parentPort.postMessage({ extraction: { url: order } });
});
parentPort.postMessage('ready');
