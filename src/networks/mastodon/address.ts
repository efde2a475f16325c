/**
 * Addresses of posts on ActivityPub servers, whatever the host: Mastodon and its forks, Pleroma and Akkoma
 * notices, Misskey notes, Pixelfed, PeerTube, Lemmy. Any host may run one, so only shapes that nothing else
 * writes count. A post's id is local to the server: the id here is `host/id`.
 */
import type { PostRef } from '../../extract/network.ts';
import { pathOf } from '../../extract/url-path.ts';

const HOST = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]+$/;
/** Big sites that write `@user` in their paths and are no ActivityPub server, or have a folder of their own. */
const OTHERS =
  /(?:^|\.)(?:truthsocial\.com|tiktok\.com|youtube\.com|threads\.(?:net|com)|medium\.com|instagram\.com|facebook\.com|twitter\.com|x\.com|t\.me|bsky\.app|substack\.com|patreon\.com|flickr\.com|web\.archive\.org)$/;

/** One way to write a post's address: where the user, the user's own server and the id stand in the path. */
interface Shape {
  readonly path: RegExp;
  /** Only on hosts that say what they run. */
  readonly host?: RegExp;
  readonly canonical: (post: Parts) => string;
}

interface Parts {
  readonly user: string | undefined;
  readonly remote: string | undefined;
  /** The user's number, where the path has that instead of the name. */
  readonly account: string | undefined;
  readonly id: string;
}

const profile = ({ user, remote }: Parts): string => `@${user}${remote ? `@${remote}` : ''}`;

/** As the address shows it: the host is in the post's id, and only a remote account names its own server. */
const handleOf = ({ user, remote }: Parts): string | null =>
  user ? `${user}${remote ? `@${remote}` : ''}` : null;

const SHAPES: readonly Shape[] = [
  {
    // Mastodon, Soapbox and other forks: `/@user/1`, `/@user@remote/1`, `/@user/posts/1`, `/deck/@user/1`.
    path: /^\/(?:(?:web|deck)\/)?@(?<user>[\w.-]{1,64})(?:@(?<remote>[\w-]+(?:\.[\w-]+)+))?\/(?:posts\/)?(?<id>\d{15,20})(?:\/embed)?\/?$/,
    canonical: (post) => `${profile(post)}/${post.id}`,
  },
  {
    path: /^\/users\/(?<user>[\w.-]{1,64})\/statuses\/(?<id>\d{15,20})(?:\/(?:embed|activity))?\/?$/,
    canonical: (post) => `${profile(post)}/${post.id}`,
  },
  {
    // Accounts by number, since Mastodon 4.5.
    path: /^\/ap\/users\/(?<account>\d{15,20})\/statuses\/(?<id>\d{15,20})(?:\/(?:embed|activity))?\/?$/,
    canonical: ({ account, id }) => `ap/users/${account}/statuses/${id}`,
  },
  { path: /^\/web\/statuses\/(?<id>\d{15,20})\/?$/, canonical: ({ id }) => `web/statuses/${id}` },
  {
    // Pleroma and Akkoma: flake ids of 18 characters in base 62.
    path: /^\/notice\/(?<id>[9AB][0-9A-Za-z]{17})\/?$/,
    canonical: ({ id }) => `notice/${id}`,
  },
  {
    path: /^\/@(?<user>[\w.-]{1,64})(?:@(?<remote>[\w-]+(?:\.[\w-]+)+))?\/posts\/(?<id>[9AB][0-9A-Za-z]{17})\/?$/,
    canonical: (post) => `${profile(post)}/posts/${post.id}`,
  },
  {
    path: /^\/@(?<user>[\w.-]{1,64})\/statuses\/(?<id>[0-7][0-9A-HJKMNP-TV-Z]{25})\/?$/, // GoToSocial
    canonical: (post) => `${profile(post)}/statuses/${post.id}`,
  },
  {
    path: /^\/embed\/(?<id>[9AB][0-9A-Za-z]{17})\/?$/, // Pleroma's frame
    canonical: ({ id }) => `notice/${id}`,
  },
  {
    // Misskey and its forks: `aid` (10), `aidx` (16); a word of that length has no two digits.
    path: /^(?:\/embed)?\/notes\/(?<id>(?=\w*\d\w*\d)[9a][0-9a-z]{9}(?:[0-9a-z]{6})?)\/?$/,
    canonical: ({ id }) => `notes/${id}`,
  },
  {
    path: /^\/p\/(?<user>[\w.-]{1,64})\/(?<id>\d{17,19})(?:\/embed)?\/?$/, // Pixelfed
    canonical: ({ user, id }) => `p/${user}/${id}`,
  },
  {
    path: /^\/videos\/(?:watch|embed)\/(?<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/?$/, // PeerTube
    canonical: ({ id }) => `videos/watch/${id}`,
  },
  {
    path: /^\/(?:w|videos\/(?:watch|embed))\/(?<id>(?=\w*\d)(?=\w*[a-z])(?=\w*[A-Z])[1-9A-HJ-NP-Za-km-z]{22})\/?$/,
    canonical: ({ id }) => `w/${id}`,
  },
  {
    // Lemmy's own number says little: only where the host says it is Lemmy.
    host: /^(?:lemmy|feddit)\.|\.lemmy\.|^(?:lemm\.ee|beehaw\.org|programming\.dev|lemmygrad\.ml|lemmynsfw\.com|sh\.itjust\.works)$/,
    path: /^\/post\/(?<id>\d{1,12})\/?$/,
    canonical: ({ id }) => `post/${id}`,
  },
];

export function claim(url: URL): PostRef | null {
  const host = url.hostname;
  if (!HOST.test(host) || OTHERS.test(host)) return null;
  const path = pathOf(url);
  for (const shape of SHAPES) {
    const groups = shape.path.exec(path)?.groups;
    if (!groups?.['id'] || (shape.host && !shape.host.test(host))) continue;
    const { user, remote, account, id } = groups;
    const parts: Parts = { user, remote, account, id };
    return {
      postId: `${host}/${parts.id}`,
      url: `https://${host}/${shape.canonical(parts)}`,
      handle: handleOf(parts),
      ...(path.includes('/embed') && { kind: 'embed' as const }),
    };
  }
  return null;
}

const FRAME = /^\/@([\w.-]{1,64})\/(\d{1,20})\/embed\/?$/;

/** A frame known to be Mastodon's: numbers of any length, as servers counted before October 2017. */
export function claimFrame(address: string): PostRef | null {
  const url = URL.parse(address.trim());
  const [, user, id] = (url && HOST.test(url.hostname) && FRAME.exec(pathOf(url))) || [];
  if (!url || !user || !id) return null;
  return {
    postId: `${url.hostname}/${id}`,
    url: `https://${url.hostname}/@${user}/${id}`,
    handle: user,
    kind: 'embed',
  };
}
