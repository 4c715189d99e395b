/** The first segments of the server's paths that people paste from a browser or from another client's settings. */
const PASTED = [
  ...["runs", "compare", "connect", "sign-in", "socket.io", "api"],
  ...["packages", "ingest", "healthz", "readyz", "metrics"],
]

/**
 * Segments that the path of a public URL can't have. `https://host/api/turnline` and `https://host/turnline/api`, for
 * example, would be ambiguous.
 */
export const RESERVED_SEGMENTS: ReadonlySet<string> = new Set([
  ...PASTED,
  ...["v1", "otel", "info", "_next", "icon.svg", "favicon.ico"],
])

/** Matches the part of a pasted path that is one of the server's own paths. */
export const SERVER_PATH = new RegExp(
  `/(${PASTED.join("|").replaceAll(".", String.raw`\.`)}|(otel/)?v1/(traces|logs|metrics))(/.*)?$`,
)
