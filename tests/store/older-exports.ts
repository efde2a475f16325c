/** Exports as earlier versions wrote them, from those of today: a comment was named by one id, `post/comment`. */
import { reseal } from './wacz-made.ts';

interface Post {
  postId: string;
  commentId?: string | null;
}

function named({ postId, commentId, ...others }: Post): Post {
  return { ...others, postId: commentId ? `${postId}/${commentId}` : postId };
}

const eachLine = (text: string, change: (line: Line) => Line): string =>
  text.replace(/^.+$/gm, (line) => JSON.stringify(change(JSON.parse(line))));

interface Line {
  readonly v?: number;
  readonly post: Post;
}

/** Only lines of comments; the others stay of today's version. */
export const linesOfVersion1 = (text: string): string =>
  eachLine(text, (line) =>
    line.post.commentId ? { ...line, v: 1, post: named(line.post) } : line,
  );

export function waczOfVersion2(entries: ReadonlyMap<string, Buffer>): Map<string, Buffer> {
  const text = (path: string) => entries.get(path)?.toString() ?? '';
  const posts = eachLine(text('records/posts.jsonl'), (line) => ({
    ...line,
    post: named(line.post),
  }));
  const manifest = JSON.parse(text('datapackage.json'));
  manifest.embedkeep.schema = 2;
  return reseal(
    new Map(entries)
      .set('records/posts.jsonl', Buffer.from(posts))
      .set('datapackage.json', Buffer.from(JSON.stringify(manifest))),
  );
}
