/** What walls say in their titles and are made of, by vendor and language. */

const anyOf = (parts: readonly string[], flags: string): RegExp =>
  new RegExp(parts.join('|'), flags);

/** The whole title. */
export const CHALLENGE_TITLE = anyOf(
  [
    // Cloudflare, in the visitor's language
    ...['just a moment', 'nur einen moment', 'un instant', 'un momento', 'um momento'],
    ...['een moment', 'один момент', 'bir dakika', 'chwileczkę', '请稍候', '請稍候'],
    ...['しばらくお待ちください', '잠시만 기다리십시오', 'attention required!.*'],
    // PerimeterX, Imperva, Akamai, Kasada, Radware, Vercel, DDoS-Guard, Sucuri, F5
    ...['access to this page has been denied', 'pardon our interruption', 'access denied'],
    ...['client challenge', 'robot challenge screen', 'radware bot manager captcha'],
    ...[
      'vercel security checkpoint',
      'ddos-guard',
      'sucuri website firewall.*',
      'request rejected',
    ],
    ...['are you a robot\\??', 'verify(?:ing)?(?: that)? you are (?:a )?human.*'],
    ...[
      '(?:please )?verify you are (?:a )?human.*',
      'security check(?:point)?',
      'bot verification',
    ],
    ...['checking your browser.*', 'human verification', 'robot check', 'you have been blocked'],
    ...['zugriff verweigert', 'accès refusé', 'acceso denegado', 'доступ запрещ[её]н'],
  ].map((title) => `^${title}[.…]{0,3}$`),
  'iu',
);
/** Of the challenge itself, never of what a vendor loads on every page. */
export const CHALLENGE_MARK = anyOf(
  [
    ...['_cf_chl_opt', '\\/cdn-cgi\\/challenge-platform\\/', 'cf-turnstile', 'cf-error-details'],
    ...['captcha-delivery\\.com', 'px-captcha', '_Incapsula_Resource', 'awsWafCookieDomainList'],
    ...['\\/_sec\\/cp_challenge\\/', 'ak-challenge', 'bm-verify', 'errors\\.edgesuite\\.net'],
    ...['g-recaptcha', 'h-captcha', 'frc-captcha', '\\/\\.well-known\\/vercel\\/security\\/'],
    ...[
      'perfdrive\\.com',
      '\\/ips\\.js\\?',
      'KPSDK',
      '\\/TSPD\\/',
      'sucuri_cloudproxy_js',
      '__ddg',
    ],
  ],
  'u',
);
export const CHALLENGE_HEADERS: readonly (readonly [name: string, value: RegExp])[] = [
  ['cf-mitigated', /challenge/i],
  ['x-vercel-mitigated', /challenge|deny/i],
  ['x-amzn-waf-action', /challenge|captcha/i],
  ['x-datadome', /protected/i],
];

export const LOGIN_PLACE =
  /(^|[./_-])(log-?in|sign-?in|sso|auth|anmelden|connexion|account|register|piano-id)([./_-]|$)/i;
export const LOGIN_TITLE =
  /\b(log ?in|sign ?in|anmelden|einloggen|se connecter|connexion|iniciar sesión|accedi|inloggen|вход|logowanie|přihlášení|logga in|log ind|logg inn|kirjaudu|giriş yap|entrar)\b|ログイン|登录|登錄|로그인/iu;
/** The whole of what such a page says. */
export const PAYWALL_TITLE =
  /^(subscribe|sign ?(in|up)|log ?in|register|create an account) (now )?to (read|continue|view|keep reading|unlock)\b/i;

export const CONSENT_PLACE =
  /(^|[./_-])(consent|cookie-?wall|privacy-?(gate|wall|mgmt)|gdpr|cmp|guce|myprivacy|collectconsent)([./_-]|$)/i;
export const CONSENT_TITLE =
  /\b(consent|cookies?|privacy|datenschutz|zustimmung|einwilligung|confidentialité|vie privée|consentement|privacidad|consentimiento|consenso|toestemming|zgoda|souhlas|samtycke|samtykke|gizlilik)\b|before you continue|bevor sie fortfahren|avant d[’']accéder|クッキー|同意/iu;
/** Of a page that is only the question: Sourcepoint, OneTrust, Didomi and Usercentrics load on articles too. */
export const CONSENT_MARK =
  /privacy-?gate|privacygate|cookie-?wall|consent-?wall|collectConsent|cdn\.privacy-mgmt\.com\/(consent|index)|contentpass/i;

/** How the title begins. */
export const MISSING_TITLE = anyOf(
  [
    '^(?:error|erreur|errore|erro|fehler|ошибка)?:? ?404\\b',
    '\\b404(?: error)?$',
    "^(?:oops[!,.]* )?(?:sorry[!,.]* )?(?:the |this )?(?:page|article|content|story)(?: you (?:are|were) looking for)? (?:was |is |could |can )?(?:not |n['’]t |no longer )(?:be )?(?:found|available|exists?)",
    '^(?:diese )?(?:seite|artikel|inhalt) (?:(?:wurde )?(?:leider )?nicht gefunden|existiert nicht|nicht verfügbar)',
    "^(?:page|article) (?:introuvable|non trouvée?)|^cette page n['’]existe p",
    '^p[áa]gina no (?:encontrada|disponible|existe)|^(?:no se ha encontrado|no encontramos) la página|^la página no existe|^pàgina no trobada',
    '^pagina non trovata|^p[áa]gina n[ãa]o (?:foi )?encontrada|^a página não existe',
    '^(?:deze )?pagina (?:is )?(?:niet gevonden|bestaat niet)',
    '^siden (?:blev ikke fundet|findes ikke|finnes ikke|ble ikke funnet)|^fant ikke siden',
    '^sidan (?:kunde inte hittas|finns inte|hittades inte)|^sivua ei löyt',
    '^strona nie (?:została )?znaleziona|^nie znaleziono strony|^(?:ta )?strona nie istnieje',
    '^stránka (?:nenalezena|nebyla nalezena|nebola nájdená|sa nenašla|neexistuje)',
    '^(?:az?|a keresett) oldal nem található|^pagina nu a fost găsită|^sayfa bulunamadı',
    '^страница не найдена|^страницата не (?:е|беше) намерена|^сторінку не знайдено|^(?:η )?σελίδα δεν βρέθηκε',
    '^الصفحة غير موجودة|^لم يتم العثور على|^(?:הדף|העמוד) לא נמצא|^صفحه (?:مورد نظر )?(?:یافت|پیدا) نشد',
    '^(?:पेज|पृष्ठ) नहीं मिला|^ไม่พบหน้า|^không tìm thấy trang|^trang không tồn tại|^halaman tidak (?:ditemukan|dijumpai)',
    '^(?:お探しの)?ページ(?:が|は)(?:見つかりません|存在しません)|^(?:您访问的|您訪問的)?(?:页面|頁面)(?:不存在|未找到)|^找不到(?:页面|頁面)|^페이지를 찾을 수 없|^존재하지 않는 페이지',
  ],
  'iu',
);
