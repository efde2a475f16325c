/** One small WARC object a capture: written once, read back, then acknowledged. */
import { randomUUID } from 'node:crypto';
import { EmbedkeepError } from '../../errors.ts';
import { warcinfo } from './capture-records.ts';
import type { Repository } from './place.ts';
import { parseS3Url } from './s3-address.ts';
import { openS3Objects } from './s3-objects.ts';
import { serializeRecord } from './warc-record.ts';

export async function openBucket(options: { url: string; software: string }): Promise<Repository> {
  const objects = await openS3Objects(parseS3Url(options.url));
  return {
    append: async (members) => {
      const now = new Date();
      const key = `warc/${now.toISOString().slice(0, 10)}/embedkeep-${randomUUID()}.warc.gz`;
      const info = await serializeRecord(
        warcinfo({ fileName: key, software: options.software, now }),
      );
      let end = info.length;
      const offsets = members.map((member) => {
        const offset = end;
        end += member.length;
        return offset;
      });
      await objects.put(key, Buffer.concat([info, ...members]));
      return { location: key, offsets };
    },
    withBytes: async ({ location, offset, length }, use) => {
      const bytes = await objects.get(location, { offset, length });
      if (bytes === null) {
        throw new EmbedkeepError('EVIDENCE_DAMAGED', `${objects.name}${location} is not there`);
      }
      return use({
        name: location,
        size: bytes.length,
        read: (from, count) => Promise.resolve(bytes.subarray(from, from + count)),
      });
    },
    close: () => {
      objects.close();
      return Promise.resolve();
    },
  };
}
