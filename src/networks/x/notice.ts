/**
 * What stands where a post is not shown: "This Post was deleted by the Post author", "Accept cookies to see this content".
 * Asked only of text that nobody signs; a post may well say such things. Sources: X's and React Tweet's notices, consent
 * managers' placeholders.
 */

/** Words for what is not shown; a notice names it. */
const THING =
  /tweets?|posts?|status|content|inhalte?|beitr(?:ag|äge)|contenus?|contenid|conte[úu]do|publica(?:tion|ción|ção)|bericht|inhoud|innehåll|indhold|innhold|sisält|treści|obsah|gönderi|içeri|твит|пост|запис|содержим|ツイート|ポスト|投稿|コンテンツ|트윗|게시물|推文|帖子|内容|التغريدة|المحتوى|ציוץ|תוכן/iu;
const GONE =
  /\b(?:deleted|removed|unavailable|not (?:be )?(?:available|found|loaded|displayed)|no longer (?:exists|available)|(?:can(?:'|’)?t|cannot|unable to) (?:be )?(?:view(?:ed)?|load(?:ed)?|display(?:ed)?|shown?|found)|violated|withheld|suspended|gelöscht|entfernt|nicht (?:mehr )?verfügbar|supprimée?s?|indisponible|eliminad[oa]|borrad[oa]|no (?:está )?disponible|eliminat[oa]|rimoss[oa]|non (?:è )?(?:più )?disponibile|apagad[oa]|excluíd[oa]|removid[oa]|indisponível|verwijderd|niet (?:meer )?beschikbaar|usunięt[yae]|niedostępn[yae]|silin(?:di|miş)|raderat|slettet|poistettu)(?!\p{L})|удал[её]н|недоступ|削除|表示でき|삭제|已(?:被)?删除|已(?:被)?刪除|تم حذف|נמחק/iu;
const CONSENT =
  /cookie|consent|datenschutz|einwillig|zustimm|akzeptier|privacy|confidentialité|accepte[rz]?|privacidad|acept|aceit|consenso|toestemming|samtycke|samtykke|zgod|souhlas|çerez|согласи|クッキー|同意|쿠키|동의/iu;
const LOADING =
  /^(?:please wait|loading|wird geladen|lädt|chargement|cargando|caricamento|carregando|laden|ładowanie|yükleniyor|загрузка|読み込み中|불러오는|加载中|載入中|جار(?:ي|ٍ)? التحميل|טוען)/iu;
/** A notice is a sentence or two. */
const MAX = 300;

export function isNotice(text: string): boolean {
  if (text.length > MAX) return false;
  return LOADING.test(text) || ((GONE.test(text) || CONSENT.test(text)) && THING.test(text));
}
