/** A bug in an invented program: what people saw, where it is, and how it is fixed. */
export type Bug = {
  project: string
  report: string
  file: string
  testFile: string
  line: number
  before: readonly string[]
  after: readonly string[]
  test: string
  otherTests: readonly string[]
  expected: string
  received: string
  search: string
  suspicion: string
  wrongIdea: string
  reason: string
}

export const BUGS: readonly Bug[] = [
  {
    project: "orchard-shop",
    report:
      "The last page of the order list is empty when the number of orders is a multiple of the page size.",
    file: "src/orders/paginate.ts",
    testFile: "src/orders/paginate.test.ts",
    line: 14,
    before: [
      "export function pageCount(total: number, size: number): number {",
      "  return Math.floor(total / size) + 1",
      "}",
    ],
    after: [
      "export function pageCount(total: number, size: number): number {",
      "  return Math.max(1, Math.ceil(total / size))",
      "}",
    ],
    test: "a full last page has no empty page behind it",
    otherTests: ["one page for nothing", "one page for less than a page", "keeps the order of rows"],
    expected: "4",
    received: "5",
    search: "pageCount\\(",
    suspicion: "`floor(n / size) + 1` is right for every total except the exact multiples.",
    wrongIdea: "Perhaps the caller asks for one page too many; I will look at the loop there first.",
    reason: "The count added a page even when the last one was exactly full. `ceil` has no such edge.",
  },
  {
    project: "harbor-billing",
    report: "Invoices for customers in Auckland show the previous day's date.",
    file: "billing/invoice_date.py",
    testFile: "tests/test_invoice_date.py",
    line: 31,
    before: ["def invoice_date(moment, zone):", "    return moment.date()"],
    after: ["def invoice_date(moment, zone):", "    return moment.astimezone(ZoneInfo(zone)).date()"],
    test: "test_date_is_the_customers_own",
    otherTests: ["test_utc_customer", "test_leap_day", "test_year_end"],
    expected: "datetime.date(2031, 3, 2)",
    received: "datetime.date(2031, 3, 1)",
    search: "invoice_date",
    suspicion: "The time is in UTC, and its date is taken before it is converted to the customer's zone.",
    wrongIdea: "The zone may be missing from the customer record, so that UTC is used as a fallback.",
    reason: "The date was that of the time in UTC. Now the time is first converted to the customer's zone.",
  },
  {
    project: "ferry-tickets",
    report: "Some passengers are charged twice when they press Pay twice in a row.",
    file: "src/payment/charge.ts",
    testFile: "src/payment/charge.test.ts",
    line: 52,
    before: [
      "  const open = await this.findOpenCharge(booking.id)",
      "  if (open) return open",
      "  const charge = await this.gateway.create(booking.total)",
    ],
    after: [
      '  const key = "booking-" + booking.id',
      "  const charge = await this.gateway.create(booking.total, { idempotencyKey: key })",
    ],
    test: "two concurrent payments make one charge",
    otherTests: ["charges the booking's total", "declined cards leave no charge", "refunds in full"],
    expected: "1 charge",
    received: "2 charges",
    search: "gateway\\.create",
    suspicion: "Between the look-up and the creation there is an await: two requests can both find nothing.",
    wrongIdea:
      "A lock around the whole method would serialize it, but every other passenger would have to wait.",
    reason:
      "Check-then-act across an await. The gateway now gets a key, and returns the first charge for the second request.",
  },
  {
    project: "almanac",
    report: "Sunrise times jump by an hour on two days of the year.",
    file: "almanac/sun.py",
    testFile: "tests/test_sun.py",
    line: 88,
    before: [
      "    seconds = (noon - midnight).seconds",
      "    return midnight + timedelta(seconds=seconds * share)",
    ],
    after: [
      "    start = midnight.astimezone(UTC)",
      "    length = noon.astimezone(UTC) - start",
      "    return (start + length * share).astimezone(midnight.tzinfo)",
    ],
    test: "test_clock_change_moves_no_sunrise",
    otherTests: ["test_equator", "test_polar_night", "test_known_place"],
    expected: "06:41",
    received: "07:41",
    search: "timedelta\\(seconds",
    suspicion: "Differences between local times ignore the hour that the clock skips.",
    wrongIdea: "The table of time zones may be old; I will print the offset that is used.",
    reason: "Arithmetic on local times ignored the clock change. It is done in UTC now.",
  },
  {
    project: "lantern-cms",
    report: "Readers of the Danish page see the sidebar in French.",
    file: "lib/cache/fragmentKey.ts",
    testFile: "lib/cache/fragmentKey.test.ts",
    line: 9,
    before: [
      "export const fragmentKey = (name: string, page: Page) =>",
      '  [name, page.id, page.version].join(":")',
    ],
    after: [
      "export const fragmentKey = (name: string, page: Page) =>",
      '  [name, page.id, page.version, page.locale].join(":")',
    ],
    test: "two languages never share a fragment",
    otherTests: ["a new version is a new key", "names are kept apart"],
    expected: '"sidebar:7:3:da"',
    received: '"sidebar:7:3"',
    search: "fragmentKey",
    suspicion: "The key ignores the language, so the first reader decides for everyone.",
    wrongIdea: "The renderer could be taking the language from the session instead of the page.",
    reason:
      "The cache key left out the locale. Old entries expire with the next deployment, so there is nothing to migrate.",
  },
  {
    project: "kiln",
    report: "Workers stampede the queue after an outage, and it falls over again within seconds.",
    file: "internal/queue/retry.go",
    testFile: "internal/queue/retry_test.go",
    line: 27,
    before: ["func delay(attempt int) time.Duration {", "\treturn time.Second", "}"],
    after: [
      "func delay(attempt int) time.Duration {",
      "\tbase := time.Second << min(attempt, 6)",
      "\treturn base/2 + rand.N(base)",
      "}",
    ],
    test: "TestDelayGrowsAndSpreads",
    otherTests: ["TestFirstDelayIsShort", "TestGivesUpAfterLimit"],
    expected: "delays spread over 1s..64s",
    received: "1s 1s 1s 1s 1s",
    search: "time.Second",
    suspicion: "Every worker waits exactly one second, so they all come back in step.",
    wrongIdea: "Fewer workers would hide it, but the next outage would hit the limit again.",
    reason: "A constant delay keeps all workers in step. It now doubles, with random jitter.",
  },
  {
    project: "quill-import",
    report: "Addresses with a quoted comma end up split across two columns.",
    file: "src/csv/split.ts",
    testFile: "src/csv/split.test.ts",
    line: 3,
    before: ['export const splitRow = (row: string) => row.split(",")'],
    after: [
      'const CELL = /(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g',
      "export const splitRow = (row: string) =>",
      '  [...row.matchAll(CELL)].map(([, quoted, plain]) => quoted?.replaceAll(\'""\', \'"\') ?? plain ?? "")',
    ],
    test: "a comma in quotes stays in its cell",
    otherTests: ["plain cells", "empty cells at both ends", "a doubled quote is one"],
    expected: '["12 Mill Lane, Flat 3", "Hull"]',
    received: '["\\"12 Mill Lane", " Flat 3\\"", "Hull"]',
    search: "splitRow",
    suspicion: "The row is split at every comma; quotes are ignored.",
    wrongIdea: "A different separator would only move the problem to the people who send the files.",
    reason: "Quoting was never handled. The cells are now matched instead of split.",
  },
  {
    project: "tally",
    report: "Two colleagues with the same score swap places each time the table is opened.",
    file: "src/table/rank.ts",
    testFile: "src/table/rank.test.ts",
    line: 41,
    before: ["  rows.sort((a, b) => (a.score < b.score ? 1 : -1))"],
    after: ["  rows.sort((a, b) => b.score - a.score || a.name.localeCompare(b.name))"],
    test: "equal scores keep one order",
    otherTests: ["higher scores come first", "an empty table stays empty"],
    expected: '["Ines", "Jonas"]',
    received: '["Jonas", "Ines"]',
    search: "\\.sort\\(",
    suspicion: "For equal scores, the comparison returns -1 in both directions, so the order is undefined.",
    wrongIdea: "The rows could come from the database in a different order; that shouldn't matter, though.",
    reason: "The comparison contradicted itself for ties. Ties are now broken by name.",
  },
]
