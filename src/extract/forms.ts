/** Every form with its confidence: the share of such claims that is right (docs/EXTRACTION.md says how it was measured). */
import type { Form } from './network.ts';

export const CONFIDENCE: Readonly<Record<Form, number>> = {
  blockquote: 0.99,
  'blockquote-link': 0.99,
  iframe: 0.99,
  amp: 0.99,
  card: 0.99,
  attribute: 0.99,
  script: 0.99,
  'bare-url': 0.95,
  json: 0.95,
  screenshot: 0.9,
  text: 0.9,
  link: 0.9,
};

/** Which copy's fields to prefer when the same post stands on the page several times, best first. */
export const TRUST: readonly Form[] = [
  'blockquote',
  'card',
  'amp',
  'script',
  'attribute',
  'iframe',
  'blockquote-link',
  'json',
  'screenshot',
  'bare-url',
  'text',
  'link',
];
