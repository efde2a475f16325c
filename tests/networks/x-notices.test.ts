/** Notices that stand where a post of X is not shown, in the languages pages write them in; and text that is a post's own. */
import { describe, expect, it } from 'vitest';
import { isNotice } from '../../src/networks/x/notice.ts';

const GONE = [
  ...['deleted', 'removed', 'unavailable', 'not available', 'not be found', 'not loaded'],
  ...[
    'not displayed',
    'no longer exists',
    'no longer available',
    'can’t be shown',
    "can't load",
    'cannot be found',
  ],
  ...[
    'cannot view',
    'unable to display',
    'can’t be viewed',
    'cannot be loaded',
    "can't be displayed",
    'cant show',
    'violated',
    'withheld',
    'suspended',
  ],
  ...['gelöscht', 'entfernt', 'nicht verfügbar', 'nicht mehr verfügbar', 'supprimé', 'supprimées'],
  ...['indisponible', 'eliminado', 'borrada', 'no disponible', 'no está disponible', 'eliminata'],
  ...['rimosso', 'non disponibile', 'non è più disponibile', 'apagado', 'excluída', 'removido'],
  ...['indisponível', 'verwijderd', 'niet beschikbaar', 'niet meer beschikbaar', 'usunięty'],
  ...['niedostępne', 'silindi', 'silinmiş', 'raderat', 'slettet', 'poistettu', 'удалён', 'удален'],
  ...['недоступно', '削除', '表示できません', '삭제', '已删除', '已被删除', '已刪除', '已被刪除'],
  ...['تم حذف', 'נמחק'],
];
const CONSENT = [
  ...['cookies', 'consent', 'Datenschutz', 'einwilligen', 'zustimmen', 'akzeptieren', 'privacy'],
  ...['confidentialité', 'accepter', 'acceptez', 'accepte', 'privacidad', 'aceptar', 'aceitar'],
  ...['acconsenti', 'consenso', 'toestemming', 'samtycke', 'samtykke', 'zgody', 'souhlas', 'çerez'],
  ...['согласие', 'クッキー', '同意', '쿠키', '동의'],
];
const THINGS = [
  ...[
    'tweet',
    'post',
    'status',
    'content',
    'Inhalt',
    'Beitrag',
    'Beiträge',
    'contenu',
    'contenido',
  ],
  ...['contenuto', 'conteúdo', 'conteudo', 'publication', 'publicación', 'publicação', 'bericht'],
  ...[
    'inhoud',
    'innehåll',
    'indhold',
    'innhold',
    'sisältö',
    'treści',
    'obsah',
    'gönderi',
    'içerik',
  ],
  ...['твит', 'пост', 'запись', 'содержимое', 'ツイート', 'ポスト', '投稿', 'コンテンツ', '트윗'],
  ...['게시물', '推文', '帖子', '内容', 'التغريدة', 'المحتوى', 'ציוץ', 'תוכן'],
];
const LOADING = [
  ...['Please wait', 'Loading', 'Wird geladen', 'Lädt', 'Chargement', 'Cargando', 'Caricamento'],
  ...['Carregando', 'Laden', 'Ładowanie', 'Yükleniyor', 'Загрузка', '読み込み中', '불러오는 중'],
  ...['加载中', '載入中', 'جاري التحميل', 'جارٍ التحميل', 'טוען'],
];

describe('a notice of X', () => {
  it.each([
    ['is gone', GONE, (word: string) => `This tweet: ${word}.`],
    ['wants consent', CONSENT, (word: string) => `${word}: tweet`],
    ['names a thing', THINGS, (word: string) => `${word} – withheld`],
    ['waits', LOADING, (word: string) => `${word}…`],
  ])('%s', (_, words, make) => {
    expect(words.filter((word) => !isNotice(make(word)))).toEqual([]);
  });

  it.each([
    ['of a thing nobody names', [...GONE, ...CONSENT], (word: string) => `The bridge: ${word}.`],
    ['of a thing that is there', THINGS, (word: string) => `The ${word} is here.`],
    ['that waits in the middle', LOADING, (word: string) => `The bridge. ${word}`],
    [
      'of words that go on or begin before',
      ['undeleted', 'deletedly', 'apagadoxs'],
      (word: string) => `This tweet: ${word}.`,
    ],
    [
      'that is longer than a sentence or two',
      GONE,
      (word: string) => `This tweet: ${word}. ${'It is so. '.repeat(30)}`,
    ],
  ])('not %s', (_, words, make) => {
    expect(words.filter((word) => isNotice(make(word)))).toEqual([]);
  });
});
