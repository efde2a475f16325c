/** What is sent: a thin message about one event, signed as Standard Webhooks says. Nothing of a page, only the record's names. */
import { Webhook } from 'standardwebhooks';
import {
  type ClaimedDelivery,
  TEST_TYPE,
  WEBHOOK_VERSION,
  type WebhookMessage,
} from '../webhook.ts';

export interface Signed {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An event of the chain, as far as messages need it. */
interface Told {
  readonly seq: number;
  readonly at: string;
  readonly articleId?: string;
  readonly runId?: string;
  readonly captureId?: string;
  readonly platform?: string;
  readonly postId?: string;
  readonly detail?: {
    readonly embeds?: readonly string[];
    readonly code?: string;
    readonly attempts?: number;
    readonly role?: string;
    readonly form?: string;
    readonly fields?: readonly string[];
    readonly previous?: string | null;
  };
}

export function messageOf(
  claimed: Pick<ClaimedDelivery, 'type' | 'body' | 'articleUrl' | 'postUrl'>,
): WebhookMessage {
  const { type, articleUrl, postUrl } = claimed;
  const event = JSON.parse(claimed.body) as Told;
  const { articleId, runId = null, captureId = null, platform, postId } = event;
  return {
    type,
    timestamp: event.at,
    data: {
      v: WEBHOOK_VERSION,
      event: event.seq,
      article: articleId && articleUrl ? { id: articleId, url: articleUrl } : null,
      runId,
      captureId,
      post: platform && postId ? { platform, id: postId, url: postUrl } : null,
      ...particulars(type, event.detail ?? {}),
    },
  };
}

function particulars(
  type: ClaimedDelivery['type'],
  detail: NonNullable<Told['detail']>,
): Partial<WebhookMessage['data']> {
  switch (type) {
    case 'article.done':
      return detail.embeds ? { embeds: detail.embeds.length } : {};
    case 'article.failed':
      return { error: { code: detail.code ?? 'INTERNAL', attempts: detail.attempts ?? 0 } };
    case 'embed.seen':
      return { role: detail.role ?? 'embed', form: detail.form ?? 'unknown' };
    case 'embed.changed':
      return { fields: detail.fields ?? [] };
    case 'embed.vanished':
      return { previousCaptureId: detail.previous ?? null };
  }
}

export const testMessage = (now: Date): WebhookMessage => ({
  type: TEST_TYPE,
  timestamp: now.toISOString(),
  data: {
    v: WEBHOOK_VERSION,
    event: null,
    article: null,
    runId: null,
    captureId: null,
    post: null,
  },
});

/** Signed anew at every attempt, with the time of the attempt; every valid secret signs. */
export function signed(
  id: string,
  message: WebhookMessage,
  { secrets, now }: { secrets: readonly string[]; now: Date },
): Signed {
  const body = JSON.stringify(message);
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': secrets
        .map((secret) => new Webhook(secret).sign(id, now, body))
        .join(' '),
    },
  };
}
