/** The library: enqueue URLs on a running embedkeep, or use its parser alone. */
export type { Order } from './article-job.ts';
export type {
  ArticleMeta,
  Embed,
  Extraction,
  ExtractOptions,
  Media,
  PostedAt,
  Suspected,
} from './embed.ts';
export { EmbedkeepError, type ErrorCode, errors } from './errors.ts';
export { extract, PARSER_VERSION } from './extract/index.ts';
export type { Answer } from './ledger.ts';
export {
  createProducer,
  type EnqueueOptions,
  type Producer,
  type ProducerOptions,
} from './producer.ts';
