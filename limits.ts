/**
 * Every bound of the system, in one place, with the relations between them asserted at load.
 *
 * Nothing in Turnpike grows without a bound: where one of these is reached the client is told
 * (413, 429, 503 with `Retry-After`) and nobody else is harmed.
 */

const KiB = 1024;
const MiB = 1024 * KiB;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const limits = Object.freeze({
  // --- what a client may send -------------------------------------------------------------------
  /** Bytes of one event as sent. */
  eventBytes: 32 * KiB,
  /** Bytes of a request body. */
  bodyBytes: 1 * MiB,
  /** Events in one request. */
  eventsPerRequest: 5_000,
  /** Bytes of the request line and headers together. */
  headerBytes: 8 * KiB,
  /** Milliseconds a client may take to send a request. */
  requestMs: 10 * SECOND,
  /** UTF-16 units of an event, campaign, partner, … identifier. */
  idLength: 128,
  /** UTF-16 units of a campaign identifier. */
  campaignIdLength: 64,
  /** UTF-16 units of a tracking parameter (`sub1`, `utm_source`, `gclid`, …). */
  parameterLength: 600,
  /** UTF-16 units of an address: `url`, `referrer`. */
  urlLength: 2_048,
  /** UTF-16 units of a user agent; a longer one is cut. */
  userAgentLength: 512,
  /** Bytes of `properties` as JSON. */
  propertiesBytes: 4 * KiB,
  /** Levels of nesting in a JSON body. */
  jsonDepth: 16,
  /** Largest amount of a single event or rate, in micros (9 billion units of the currency). */
  amountMicros: 9_000_000_000_000_000,

  // --- time ------------------------------------------------------------------------------------
  /** A timestamp further ahead than this is replaced by the server's time. */
  clockSkewMs: 1 * MINUTE,
  /** An event older than this is rejected as `late`. */
  lateEventMs: 30 * DAY,
  /** Tolerance of a signature's timestamp, either way. */
  signatureWindowMs: 300 * SECOND,

  // --- ingest ----------------------------------------------------------------------------------
  /** Events in one log record. */
  eventsPerRecord: 4_096,
  /** Bytes of one log record (NATS' default `max_payload` is 1 MiB). */
  recordBytes: 960 * KiB,
  /** Events waiting for their append, per partition; beyond it the answer is 503. */
  eventsWaitingPerPartition: 16_384,
  /** Bytes of bodies being received or waiting for their append, per collector. */
  bytesInFlight: 256 * MiB,
  /** Milliseconds an append may take, retries included, before the client is told 503. */
  appendMs: 8 * SECOND,
  /** Bytes of records that wait for the embedded log's next commit; beyond it appends are refused. */
  logBytesWaiting: 64 * MiB,
  /** Bytes of one commit of the embedded log, unless a single record is larger. */
  logCommitBytes: 4 * MiB,
  /** Bytes of a segment of the embedded log, about: what is given up goes by whole segments. */
  logSegmentBytes: 16 * MiB,
  /** Segments whose index a thread keeps, and which it has open. */
  logSegmentsOpen: 4,
  /** Ids of records in one of two generations of two minutes; beyond it they are forgotten sooner. */
  logRecordIds: 2_000_000,

  // --- deduplication ---------------------------------------------------------------------------
  /** The actor's own memory of event ids: at least this much record time. */
  eventIdWindowMs: 10 * MINUTE,
  /** Event ids in one of a partition's two generations; beyond it the window shortens. */
  eventIdsPerGeneration: 2_000_000,
  /** The filter's memory of event ids. */
  claimMs: 1 * HOUR,
  /** A claim that was not confirmed within this time may be taken over. */
  pendingClaimMs: 30 * SECOND,
  /** Keys kept by the in-process filter (it forgets the oldest half beyond that). */
  claimsInMemory: 2_000_000,
  /** Longest window of a campaign's visitor-uniqueness rule. */
  uniquenessWindowMs: 1 * DAY,

  // --- actors ----------------------------------------------------------------------------------
  /**
   * Record time that one block spans at most; it also ends with each record minute. Shorter blocks are
   * fresher, but each costs the warehouse two inserts, however small.
   */
  blockMs: 2 * SECOND,
  /** Events in one block, after which it is closed. */
  eventsPerBlock: 20_000,
  /** Sealed blocks of a partition that wait to be written; beyond it the partition waits. */
  sealedBlocks: 4,
  /** Milliseconds the warehouse may take for a block before the block is spooled. */
  warehouseMs: 5 * SECOND,
  /** Bytes of spooled blocks of one partition; beyond it the partition stalls. */
  spoolBytes: 256 * MiB,
  /** Names of campaigns, partners and contents of which a thread keeps one copy for all; beyond it it begins anew. */
  namesInMemory: 65_536,
  /**
   * Actors kept in memory by one partition; others are loaded when they are needed. All partitions of a thread share
   * its heap: with 20,000 each, a million campaigns created at once filled its 4 GiB.
   */
  actorsInMemory: 4_000,
  /** Fingerprints in one page of a paged set: what a snapshot rewrites at most. */
  fingerprintsPerPage: 4_096,
  /** Records in one page of an actor's records: what a snapshot rewrites at most, and a look-up reads. */
  recordsPerPage: 128,
  /** What a campaign tells a partner's account of in one message: releases, and conversions that were refunded. */
  commissionsPerMessage: 100,
  /** Touches in one page of a campaign's memory of clicks or views. */
  touchesPerPage: 2_048,
  /** Clicks, and views, of known visitors in one of a campaign's two generations; beyond it they are forgotten sooner. */
  clickTouchesPerGeneration: 500_000,
  viewTouchesPerGeneration: 250_000,
  /** Different partners and contents that the touches of one generation may have; beyond it another one begins. */
  touchSourcesPerGeneration: 16_384,
  touchSourcesPerPage: 256,
  /** Clicks that are remembered of one visitor in a generation, and may share a conversion: the first and the last. */
  firstTouchesPerVisitor: 2,
  lastTouchesPerVisitor: 8,
  /** Views that are remembered of one visitor in a generation. */
  viewsPerVisitor: 4,
  /** Touches of a visitor nearer to each other than this may be remembered as one. */
  touchesApartMs: 1 * MINUTE,
  /** Open aggregates of a campaign in one record minute; further partners are summed as one. */
  slicesPerMinute: 10_000,
  /** Changes of a campaign's terms within the time that an event may be late. */
  termVersions: 100,
  /** Bytes of the commission plans among those changes, as JSON. */
  pastPlanBytes: 256 * KiB,
  /** Allocations of a campaign's budget. */
  allocations: 50,
  /** UTF-16 units of an allocation's name, and of the description of a reported spend. */
  allocationNameLength: 80,
  spendDescriptionLength: 500,
  /** Days for which a campaign remembers what it has spent on each. */
  spendDays: 30,
  /** Days that a forecast of spend may look ahead. */
  forecastDays: 365,
  /**
   * Pairs of a partner and a rule of a commission plan whose tallies a campaign keeps for the present day, the present
   * month, and its life, each; further pairs share one tally for each rule.
   */
  talliesPerPeriod: 100_000,
  talliesPerPage: 128,
  /** Partners of a campaign of which it is known how many clicks they bring in a minute. */
  floodPartners: 1_000,
  /** Campaigns that a partner may run at the same time, and be associated with. */
  slotsPerPartner: 1_000,
  associationsPerPartner: 10_000,
  /** Contents that a partner may be associated with: all of them fit one answer of an actor. */
  contentsPerPartner: 2_000,
  /** Integration events remembered per partner, so that one that comes again changes nothing. */
  integrationEventIds: 256,
  /** Integration events in one request. */
  integrationEvents: 100,
  /** Campaigns that a partner's account tells apart in one currency; what more there are is kept together. */
  campaignsPerAccount: 1_000,
  /**
   * Lots of an account: approved ones in one currency, held ones that are released on one day (UTC), and those of one
   * payout. Beyond it the lots of a campaign are put together; no commission is ever refused.
   */
  lotsPerAccount: 4_000,
  lotsPerReleaseDay: 4_000,
  lotsPerPayout: 1_500,
  /** Payouts of a partner that are under way at the same time. */
  openPayouts: 20,
  /** Smallest amounts, one for each currency, that the terms of a partner's payouts may have. */
  payoutMinimums: 50,
  /** UTF-16 units of where the payouts of a partner are sent. */
  destinationLength: 128,
  /** Answers to commands remembered per actor, for repeated commands. */
  commandAnswers: 32,
  /** Dead letters kept of one partition; beyond it the oldest are given up, those that were replayed first. */
  deadLettersPerPartition: 1_000,
  /**
   * Dead letters of messages, kept until they are replayed; beyond it nothing more is set aside, and a partition with
   * another message that cannot be taken stands still until it can.
   */
  messageLettersPerPartition: 10_000,
  /** Transfers of one partition that the payment gateway is asked for at the same time. */
  transfersPerPartition: 8,
  /** UTF-16 units of an error's text in a dead letter. */
  errorLength: 1_000,
  /** Milliseconds a command may take before its caller is told that the outcome is unknown. */
  commandMs: 10 * SECOND,
  /** Milliseconds a live query may wait for the actor. */
  queryMs: 5 * SECOND,
  /** Commands whose answers a partition still knows. */
  answersRemembered: 1_024,
  /** Records whose decisions a partition still knows row by row. */
  recordsRemembered: 512,
  /** Milliseconds a postback waits for its decision before it answers `pending`. */
  decisionMs: 1 * SECOND,
  /** Commands under way per process. */
  commandsInFlight: 1_024,
  /** Questions to actors under way per process. */
  questionsInFlight: 4_096,
  /** Answers that each thread has told and the main thread has: so many need not be told again while they hold. */
  knownAnswers: 1_000,
  /** Milliseconds that a question waits for something to happen to an actor before it is answered that nothing has. */
  watchMs: 1 * SECOND,

  // --- management ------------------------------------------------------------------------------
  /** Bytes of a management request. */
  managementBodyBytes: 1 * MiB,
  /** Items on one page of a list, at most and when not said. */
  pageSize: 1_000,
  defaultPageSize: 50,
  /** Bytes of campaigns on one page of a list, about; a page ends there. */
  pageBytes: 2 * MiB,
  /** UTF-16 units of a campaign's name. */
  nameLength: 200,
  /** UTF-16 units of the reason given with a command. */
  reasonLength: 500,
  /** Characters of an idempotency key. */
  requestIdLength: 128,
  /** Hosts, and origins, that a campaign may list. */
  hostsPerCampaign: 100,
  /** Values that one part of a campaign's targeting may list, the UTF-16 units of each, and bytes of all as JSON. */
  targetingValues: 50,
  targetingTextLength: 80,
  targetingBytes: 8 * KiB,
  /** Rules of a commission plan, tiers of a rate, and bytes of the plan as JSON. */
  commissionRules: 50,
  commissionTiers: 20,
  commissionPlanBytes: 32 * KiB,
  /** Values that one condition of a rule may list, properties that it may look at, and their UTF-16 units. */
  commissionValues: 1_000,
  commissionProperties: 10,
  commissionTextLength: 128,
  /** UTF-16 units of a rule's name. */
  commissionRuleNameLength: 80,
  /** For how long a commission may be held. */
  commissionHoldMs: 90 * DAY,
  /** Shortest time to a conversion that a campaign may take for a mark of fraud, at most. */
  minimumToConvertMs: 1 * DAY,
  /** Thresholds of a campaign's figures. */
  kpiThresholds: 20,
  /** Longest time between a click and its conversion that a campaign may allow. */
  clickWindowMs: 365 * DAY,
  /** Longest time between a view and its conversion that a campaign may allow. */
  viewWindowMs: 30 * DAY,
  /** Longest half-life of a touch where a campaign attributes by time decay. */
  attributionHalfLifeMs: 365 * DAY,
  /** Events a second that a campaign may grant a key. */
  keyRate: 1_000_000,
  /** Stretches of time in one answer about a campaign's figures. */
  metricBuckets: 10_000,
  /** Watchers of what is live of campaigns, and of partners, per process; also questions that they have under way. */
  watchers: 4_096,
  /** Connections of the live feed per process, and topics that one may follow. */
  liveConnections: 1_024,
  liveTopics: 100,
  /** Bytes of a message from a client of the live feed. */
  liveMessageBytes: 16 * KiB,
  /** For how long a client of the live feed may take nothing of what it is sent, and not answer a ping. */
  liveSilenceMs: 10 * SECOND,
  /** Connections that the REST gateway keeps open. */
  managementConnections: 4_096,
  /** Calls under way on one gRPC connection. */
  callsPerConnection: 256,

  // --- webhooks --------------------------------------------------------------------------------
  /** Webhooks of a cluster. */
  webhooks: 100,
  /** Patterns of event types, and subjects, that a webhook may list. */
  webhookEventTypes: 50,
  webhookSubjects: 100,
  /** UTF-16 units of a webhook's description. */
  webhookDescriptionLength: 500,
  /** Secrets that a webhook's deliveries are signed with at most: the present one, and replaced ones. */
  webhookSecrets: 3,
  /** How long a secret that was replaced still signs. */
  webhookSecretMs: 1 * DAY,
  /** Milliseconds that a delivery may take, from the look-up of the host to the answer. */
  webhookMs: 10 * SECOND,
  /** Bytes of an answer that are read, and dropped, at most. */
  webhookAnswerBytes: 16 * KiB,
  /** UTF-16 units of what is kept of a failure's text. */
  webhookErrorLength: 200,
  /** The first and the longest pause before a delivery is tried again. */
  webhookRetryMs: 1 * SECOND,
  webhookLongestRetryMs: 5 * MINUTE,
  /** The longest pause that a receiver may ask for with `Retry-After`. */
  webhookRetryAfterMs: 1 * HOUR,
  /** A webhook with an event that could not be delivered for so long is disabled. */
  webhookFailingMs: 3 * DAY,
  /** Deliveries of a webhook under way at the same time, each of another partition. */
  webhookDeliveries: 8,
  /** Events of a webhook that wait in memory, and of one of its partitions. */
  webhookEventsWaiting: 1_000,
  webhookEventsPerPartition: 250,
  /** Tests of webhooks under way per process. */
  webhookTests: 16,
  /** Events that are read from the warehouse at a time. */
  webhookEventsRead: 1_000,

  // --- payouts ---------------------------------------------------------------------------------
  /** Milliseconds that the payment gateway may take to answer; beyond it the outcome is unknown. */
  gatewayMs: 20 * SECOND,
  /** Transfers that a process asks Stripe for at the same time. Stripe takes about 100 requests a second; two make one. */
  gatewayTransfers: 16,
  /** The first and the longest pause before the gateway is asked again for a transfer whose outcome is unknown. */
  payoutRetryMs: 2 * SECOND,
  payoutLongestRetryMs: 1 * HOUR,
  /** The pause before the gateway is asked what has become of a transfer that it wanted to tell of. */
  payoutAcceptedMs: 10 * MINUTE,
  /** Steps kept of a payout, of them the first ones; beyond it those in the middle are forgotten. */
  payoutSteps: 50,
  payoutFirstSteps: 5,
  /** UTF-16 units of what is kept of a gateway's message, and of its codes and ids. */
  gatewayMessageLength: 500,
  gatewayIdLength: 255,

  // --- operation -------------------------------------------------------------------------------
  /** Milliseconds from SIGTERM until what is left is cut off. */
  shutdownMs: 9 * SECOND,
  /** Bytes of a file that lists networks. */
  networkListBytes: 16 * MiB,
  /** Partitions of a cluster. */
  partitions: 1_024,
  /** Actor threads of a process. */
  workers: 256,
});

function relation(holds: boolean, text: string): void {
  if (!holds) throw new Error(`limits.ts: ${text}`);
}

relation(limits.eventBytes <= limits.bodyBytes, 'an event must fit a body');
relation(limits.bodyBytes < limits.bytesInFlight, 'a body must fit the bytes in flight');
relation(limits.eventBytes * 2 < limits.recordBytes, 'an event must fit a record');
relation(limits.recordBytes < limits.logBytesWaiting, 'a record must fit what may wait');
relation(2 * limits.logCommitBytes < limits.logSegmentBytes, 'commits must fit a segment');
relation(limits.eventsPerRequest <= limits.eventsWaitingPerPartition, 'a request must fit a queue');
relation(limits.eventsPerRecord <= limits.eventsPerBlock, 'a record must fit a block');
relation(
  [limits.fingerprintsPerPage, limits.touchesPerPage].every((entries) =>
    Number.isInteger(Math.log2(entries)),
  ),
  'pages of entries must have a power of two of them',
);
relation(limits.pendingClaimMs > limits.appendMs, 'a claim must outlive its append');
relation(limits.claimMs >= limits.eventIdWindowMs, 'the filter must remember as long as the actor');
relation(Number.isSafeInteger(limits.amountMicros), 'amounts must be safe integers');
relation(
  limits.campaignsPerAccount < limits.lotsPerPayout,
  'the campaigns of a payout, and what is kept together, must fit it',
);
relation(limits.shutdownMs < 10 * SECOND, 'a shutdown must end within ten seconds');
relation(limits.commissionPlanBytes <= limits.pastPlanBytes, 'a plan must fit the past plans');
relation(
  limits.commissionsPerMessage * (limits.reasonLength * 6 + 1_000) < limits.recordBytes,
  'a message must fit a record',
);
relation(
  limits.webhookEventsPerPartition <= limits.webhookEventsWaiting,
  "a partition's events must fit what may wait",
);
