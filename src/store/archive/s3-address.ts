/** `s3://bucket/prefix?region=…&endpoint=…&forcePathStyle=…` read strictly: a typo must not send evidence elsewhere. */
import { EmbedkeepError } from '../../errors.ts';

export interface S3Address {
  readonly bucket: string;
  /** Ends with `/` unless empty. */
  readonly prefix: string;
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
  readonly forcePathStyle: boolean;
}

const PARAMETERS = new Set(['region', 'endpoint', 'forcePathStyle']);
const OUTER_SLASHES = /^\/+|\/+$/g;
/** Letters that every S3 server and every file system takes as they are. */
const SAFE_PREFIX = /^[\w!.*'()/-]*$/;

/** @throws EmbedkeepError CONFIG_INVALID */
export function parseS3Url(text: string): S3Address {
  if (!URL.canParse(text)) throw invalid(text, 'it is no URL');
  const url = new URL(text);
  if (url.protocol !== 's3:') throw invalid(text, 'it does not start with s3://');
  if (url.username !== '' || url.password !== '') {
    throw invalid(
      's3://…@…',
      'credentials do not belong into it; give them as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role',
    );
  }
  if (url.host === '') throw invalid(text, 'the bucket is missing');
  const unknown = [...url.searchParams.keys()].filter((name) => !PARAMETERS.has(name));
  if (unknown.length > 0) {
    throw invalid(text, `${unknown.join(', ')} is none of region, endpoint, forcePathStyle`);
  }
  const folder = decodeURIComponent(url.pathname).replace(OUTER_SLASHES, '');
  if (!SAFE_PREFIX.test(folder)) throw invalid(text, 'the prefix holds unusual characters');
  return {
    bucket: url.host,
    prefix: folder === '' ? '' : `${folder}/`,
    region: url.searchParams.get('region') || undefined,
    endpoint: endpointOf(url, text),
    forcePathStyle: booleanOf(url, text),
  };
}

function endpointOf(url: URL, text: string): string | undefined {
  const endpoint = url.searchParams.get('endpoint') || undefined;
  if (endpoint === undefined) return undefined;
  const isHttp = URL.canParse(endpoint) && new URL(endpoint).protocol.startsWith('http');
  if (!isHttp) throw invalid(text, 'endpoint is no http or https URL');
  const { username, password } = new URL(endpoint);
  if (username !== '' || password !== '') throw invalid('s3://…', 'endpoint holds credentials');
  return endpoint;
}

/** Without the parameter: path style wherever an endpoint is named, as nothing but AWS resolves bucket names. */
function booleanOf(url: URL, text: string): boolean {
  const value = url.searchParams.get('forcePathStyle');
  if (value === null) return url.searchParams.has('endpoint');
  if (value !== 'true' && value !== 'false') {
    throw invalid(text, 'forcePathStyle is neither true nor false');
  }
  return value === 'true';
}

const invalid = (given: string, why: string): EmbedkeepError =>
  new EmbedkeepError(
    'CONFIG_INVALID',
    `BLOB_URL: got ${JSON.stringify(given)}: ${why}; accepted is s3://bucket/prefix?region=…&endpoint=…&forcePathStyle=true`,
  );
