/**
 * "A post shared by NAME (@handle) on DATE", in whatever language the embedder's Instagram spoke. The handle stands
 * in the last brackets. Where words follow it ("…님의 공유 게시물", "…がシェアした投稿") the name begins the line; else
 * the words before the name must be known, since nothing else says where the name begins. Right-to-left languages
 * wrap the name in marks.
 */
import { readDate } from '../../normalise/date.ts';
import { readHandle } from '../../normalise/handle.ts';
import { cleanName } from '../../normalise/name.ts';

export interface Byline {
  readonly name: string | null;
  readonly handle: string;
  /** As shown, where it stands in the line without an element of its own. */
  readonly date: string | null;
}

/** Longest first, so that "… uživatelem" is not left to the name. Seen on pages and in embed codes since 2013. */
// biome-ignore format: a list is read by its lines.
const BEFORE_NAME = [
  'A post shared by', 'A photo shared by', 'A video shared by', 'A photo posted by', 'A video posted by', 'A reel shared by',
  'A post shared by Instagram user', 'Shared post by', 'Post shared by', 'Posted by',
  'Ein Beitrag geteilt von', 'Ein von', 'Ein Foto gepostet von', 'Ein Video gepostet von', 'Beitrag geteilt von',
  'Une publication partagée par', 'Une photo publiée par', 'Une vidéo publiée par', 'Une photo partagée par', 'Une vidéo partagée par',
  'Una publicación compartida de', 'Una publicación compartida por', 'Una foto publicada por', 'Una foto publicada de',
  'Un vídeo publicado por', 'Un video publicado por', 'Un vídeo publicado de', 'Un video publicado de', 'Una foto compartida por', 'Una foto compartida de',
  'Uma publicação compartilhada por', 'Uma publicação partilhada por', 'Um post compartilhado por', 'Uma foto publicada por',
  'Um vídeo publicado por', 'Uma foto compartilhada por', 'Uma publicação de',
  'Un post condiviso da', 'Una foto pubblicata da', 'Un video pubblicato da', 'Una foto condivisa da',
  'Een bericht gedeeld door', 'Een foto geplaatst door', 'Een video geplaatst door', 'Een foto die is geplaatst door', 'Een video die is geplaatst door',
  'Post udostępniony przez', 'Post udostępniony przez użytkownika', 'Zdjęcie zamieszczone przez użytkownika', 'Zdjęcie opublikowane przez', 'Zdjęcie zamieszczone przez', 'Film zamieszczony przez użytkownika',
  'Публикация от', 'Фото опубликовано', 'Видео опубликовано', 'Фото опубликовано пользователем', 'Пост, опубликованный', 'Публикация пользователя',
  'Ett inlägg delat av', 'Ett foto publicerat av', 'En video publicerad av', 'Ett foto upplagt av',
  'Et opslag delt af', 'Et billede slået op af', 'Et foto delt af', 'Et innlegg delt av', 'Et bilde publisert av',
  'Henkilön', 'Käyttäjän',
  'Příspěvek sdílený', 'Příspěvek sdílený uživatelem', 'Fotka zveřejněná uživatelem', 'Příspěvek, který sdílí',
  'Príspevok, ktorý zdieľa', 'Príspevok, ktorý zdieľa používateľ', 'Príspevok zdieľaný používateľom',
  'Η δημοσίευση κοινοποιήθηκε από το χρήστη', 'Η δημοσίευση κοινοποιήθηκε από τον χρήστη', 'Δημοσίευση που κοινοποίησε ο χρήστης', 'Μια δημοσίευση που κοινοποίησε ο χρήστης',
  'O postare distribuită de', 'Un post distribuit de', 'O postare partajată de', 'O fotografie postată de', 'O postare trimisă de',
  'Sebuah kiriman dibagikan oleh', 'Sebuah postingan dibagikan oleh', 'Postingan dibagikan oleh', 'Kiriman dibagikan oleh', 'Sebuah foto dikirim oleh', 'Sebuah kiriman dikongsi oleh', 'Kiriman dikongsi oleh', 'Siaran dikongsi oleh', 'Satu hantaran dikongsi oleh',
  'โพสต์ที่แชร์โดย', 'รูปภาพโพสต์โดย',
  'Bài viết do', 'Một bài viết do', 'Một bức ảnh do', 'Một video do', 'Một bài viết được chia sẻ bởi', 'Bài viết được chia sẻ bởi',
  'Допис, поширений', 'Допис, яким поділився', 'Допис, опублікований', 'Публікація від', 'Публикация, споделена от', 'Публикација споделена од',
  'Objava koju dijeli', 'Objava koju deli', 'Објава коју дели', 'Objava, ki jo deli', 'Objava uporabnika', 'Objavu dijeli',
  'Una publicació compartida per', 'Una publicació compartida de', 'Una foto publicada per', 'Isang post na ibinahagi ni', 'Ibinahaging post ni',
  'تمت مشاركة منشور بواسطة', 'منشور تمت مشاركته بواسطة', 'تمت مشاركة صورة بواسطة', 'פוסט משותף על ידי', 'פוסט ששותף על ידי', 'تصویری که توسط', 'پستی که توسط',
].sort((a, b) => b.length - a.length);

const MARKS = /[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;
const BRACKETS = /[(（]\s*[@＠]\s*([\w.]{1,30})\s*[)）]/g;
const BARE_HANDLE = /(?:^|\s)@([\w.]{1,30})\s*$/;
/** `on`, `am`, `el`, `-`, `,`: what leads to the date and is no phrase of sharing. */
const LEADS_TO_DATE = /^[\p{P}\s]*(?:\p{Script=Latin}{1,6}[\p{P}\s]*)?$/u;
const SHARED_JA = /^\s*がシェアした/;
const HONORIFIC_JA = /さん$/;

/** `line`: the byline without its date. Null where it names nobody. */
export function readByline(line: string): Byline | null {
  const text = line.replace(MARKS, '').trim();
  const match = lastBrackets(text);
  if (!match) {
    const handle = readHandle('instagram', BARE_HANDLE.exec(text)?.[1]);
    return handle === null ? null : { name: null, handle, date: null };
  }
  const handle = readHandle('instagram', match.handle);
  if (handle === null) return null;
  const before = text.slice(0, match.start).trim();
  const after = text.slice(match.end);
  return { name: cleanName(nameIn(before, after)), handle, date: dateIn(after) };
}

const WORD = /(?<=^|[\s\p{P}])[\p{L}\p{N}]/gu;
const PREPOSITION = /^\p{Ll}{1,3}\s/u;
const DIGIT = /\p{Nd}/u;
const LONGEST_DATE = 80;

/** `on Aug 14, 2017 at 9:12am PDT`: the longest end of the line that is a date. */
function dateIn(after: string): string | null {
  if (!DIGIT.test(after) || after.length > LONGEST_DATE) return null;
  for (const { index } of after.matchAll(WORD)) {
    const date = after.slice(index).trim();
    if (!PREPOSITION.test(date) && readDate(date)) return date;
  }
  return null;
}

function lastBrackets(text: string): { handle: string; start: number; end: number } | null {
  const last = [...text.matchAll(BRACKETS)].at(-1);
  const handle = last?.[1];
  return last && handle ? { handle, start: last.index, end: last.index + last[0].length } : null;
}

function nameIn(before: string, after: string): string | null {
  const folded = before.toLowerCase();
  const known = BEFORE_NAME.find((words) => folded.startsWith(words.toLowerCase()));
  if (known !== undefined) return before.slice(known.length);
  if (LEADS_TO_DATE.test(after)) return null;
  // Before 2018 Japanese added a courtesy to the name.
  return SHARED_JA.test(after) ? before.replace(HONORIFIC_JA, '') : before;
}
