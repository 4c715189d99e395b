import { BodyBudget } from "./BodyBudget"
import type { IngestParts } from "./IngestParts"
import { IngestService } from "./IngestService"
import { claudeCodeHooksRoutes } from "./routes/claudeCodeHooksRoutes"
import type { IngestRoute } from "./routes/IngestRoute"
import { langSmithRoutes } from "./routes/langSmithRoutes"
import { openAIAgentsRoutes } from "./routes/openAIAgentsRoutes"
import { otlpRoutes } from "./routes/otlpRoutes"
import type { RouteParts } from "./routes/RouteParts"

/** How many bodies of the maximum size may be in memory at the same time. */
const BODIES = 8

type CountDropped = (dialect: string, what: "context" | "run", runs: number) => void

export type Ingest = { service: IngestService; routes: readonly IngestRoute[] }

/** Creates the ingest service and its routes. `service.open()` must resolve before the routes are served. */
export function createIngest({
  count,
  countDropped,
  ...parts
}: IngestParts & Omit<RouteParts, "service" | "bodies"> & { countDropped: CountDropped }): Ingest {
  const service = new IngestService({
    ...parts,
    onTurns: (dialect, turns) => count(dialect, "turns", turns),
    onLost: (dialect, turns) => count(dialect, "late", turns),
    onDropped: (dialect, what, runs) => countDropped(dialect, what, runs),
  })
  const bodies = new BodyBudget(BODIES * parts.settings.maxBytes)
  const routeParts: RouteParts = { ...parts, count, service, bodies }
  return {
    service,
    routes: [
      ...otlpRoutes(routeParts),
      ...langSmithRoutes(routeParts),
      ...openAIAgentsRoutes(routeParts),
      ...claudeCodeHooksRoutes(routeParts),
    ],
  }
}
