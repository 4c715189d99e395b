import type { Principal } from "@/lib/protocol/access"
import type { Access } from "@/server/auth/Access"
import { isDemoVisitor } from "@/server/auth/demoVisitor"
import type { HttpAudit } from "@/server/http/HttpAudit"
import type { Route } from "@/server/http/Route"
import type { StaticFiles } from "@/server/http/StaticFiles"
import type { Metrics } from "@/server/metrics/Metrics"
import { sendError, sendJson, sendText } from "@/server/net/respond"
import type { Clock } from "@/server/platform/Clock"
import type { Config } from "@/server/platform/Config"
import type { AccessStore } from "@/server/store/AccessStore"
import { createTokenFromPage } from "./createTokenFromPage"
import type { SignIn } from "./SignIn"

type ApiRoutesOptions = {
  access: Access
  accessStore: AccessStore
  clock: Clock
  metrics: Metrics
  audit: HttpAudit
  signIn: SignIn
  /** The id of the current build. Pages compare it with their own to detect an update. */
  build: () => string | undefined
  /** The client packages. The Connect page shows how to install them. */
  packages: StaticFiles
  config: Pick<Config, "dataDir" | "isDefaultDataDir">
}

/** The routes for sessions, tokens and metrics. */
export function apiRoutes(options: ApiRoutesOptions): Route[] {
  const { access, accessStore, clock, metrics, audit, signIn, build, packages, config } = options
  return [
    {
      method: "GET",
      path: "/metrics",
      isPublic: true,
      async handle({ auth, response }) {
        if (!("identity" in auth) || auth.identity.principal.read !== "all")
          return sendError(response, 401, "unauthenticated", "Metrics need a token that may read all runs.")
        sendText(response, 200, await metrics.text(), "text/plain; version=0.0.4")
      },
    },
    {
      method: "GET",
      path: "/api/session",
      handle({ principal, response }) {
        const { name, read, control, mint } = principal
        const demo = isDemoVisitor(principal) ? { demo: true } : {}
        const served = { build: build(), packages: packages.paths }
        sendJson(response, 200, {
          name,
          read,
          control,
          mint,
          ...demo,
          ...served,
          ...dataDirOf(config, principal),
        })
      },
    },
    {
      method: "POST",
      path: "/api/sign-in",
      isPublic: true,
      handle: ({ request, response }) => signIn.withForm(request, response),
    },
    {
      method: "POST",
      path: "/api/sign-out",
      isPublic: true,
      handle: ({ auth, request, response }) =>
        signIn.signOut("identity" in auth ? auth.identity : undefined, request, response),
    },
    {
      method: "POST",
      path: "/api/tokens",
      async handle({ principal, request, response }) {
        const created = await createTokenFromPage(
          { store: accessStore, tokens: access.tokens, clock },
          principal,
          request,
          response,
        )
        if (created === undefined) return
        const why = `${created.token_id} ${created.name}`
        audit.record(request, principal, { event: "token_created", how: "page", why })
      },
    },
  ]
}

/**
 * Returns the data directory for the commands on the pages, unless it is the default. Only viewers who may control all
 * runs or create tokens learn its path; for others, it is null.
 */
function dataDirOf(
  { dataDir, isDefaultDataDir }: ApiRoutesOptions["config"],
  { read, control, mint }: Principal,
): { data_dir?: string | null } {
  if (isDefaultDataDir) return {}
  return { data_dir: read === "all" && (control || mint) ? dataDir : null }
}
