// A producer that knows BullMQ and the committed JSON Schema, and nothing of embedkeep: REDIS_URL, a queue's name and its
// jobs as JSON on the command line. Prints the ids of the jobs.
import { Queue } from 'bullmq';

const [name, jobs] = process.argv.slice(2);
const queue = new Queue(name, { connection: { url: process.env.REDIS_URL } });
const added = await queue.addBulk(JSON.parse(jobs).map((data) => ({ name: 'article', data })));
process.stdout.write(JSON.stringify(added.map((job) => job.id)));
await queue.close();
