const KIB = 1024
const MIB = 1024 * KIB

/** Fixed limits of the protocol. Sizes are in UTF-8 bytes, durations in milliseconds. */
export const LIMITS = {
  agentIdChars: 128,
  clientIdChars: 128,
  runIdChars: 128,
  idempotencyKeyChars: 256,
  turnsPerBatch: 256,
  jsonDepth: 64,
  keysPerTurn: 2_000,
  intentBytes: 64 * KIB,
  /** The part of an intent that a summary contains. */
  summaryIntentBytes: 4 * KIB,
  /** outcome_description, reason, waiting_for. */
  noteBytes: 4 * KIB,
  summaryBytes: 16 * KIB,
  labels: 32,
  labelBytes: 256,
  nameBytes: 256,
  outcomeBytes: 64 * KIB,
  wireStringBytes: 16 * KIB,
  /** How much of a longer string is kept at its start and at its end. */
  wireHeadBytes: 12 * KIB,
  wireTailBytes: 4 * KIB,
  wireTurnBytes: 256 * KIB,
  pageBytes: 256 * KIB,
  progressTextBytes: 16 * KIB,
  activityTextChars: 200,
  titleChars: 160,
  errorTextChars: 120,
  /** How many of the newest interruptions a summary lists. */
  interruptions: 50,
  minGraceMs: 1_000,
  maxGraceMs: 24 * 3_600_000,
  pathSteps: 64,
  listLimit: 200,
  traceLimit: 10_000,
  outlineLimit: 5_000,
  searchLimit: 500,
  searchFilterValues: 64,
  subscriptionsPerConnection: 200,
  commandsInFlight: 32,
  progressPerSecond: 20,
  registryEventsPerSecond: 10,
  ingestEventsPerSecond: 5,
  ingestRecent: 200,
  recentBuckets: 30,
  recentBucketMs: 10_000,
} as const

/** Limits that a server's environment may change, with their defaults. */
export const DEFAULT_LIMITS = {
  graceMs: 30_000,
  maxTurnsPerRun: 10_000,
  maxTurnBytes: 4 * MIB,
  maxMessageBytes: 8 * MIB,
  ratePerSocket: 500,
  retentionDays: 30,
} as const

/** The configurable limits of a running server. */
export type Limits = { readonly [K in keyof typeof DEFAULT_LIMITS]: number }
