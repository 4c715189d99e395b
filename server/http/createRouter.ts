import type { IncomingMessage } from "node:http"
import findMyWay from "find-my-way"
import { sendError, sendText } from "@/server/net/respond"
import type { RequestContext, Route } from "./Route"

/** The maximum size of a path parameter in bytes, enough for an encoded run id of 128 characters. */
const MAX_PARAM_LENGTH = 1_024

const METHODS = ["GET", "HEAD", "POST", "PATCH"] as const

/** Dispatches requests to routes by method and path. */
export type Router = {
  /** Returns false, with nothing sent, if no route has this path. */
  handle(context: Omit<RequestContext, "params">): Promise<boolean>
}

/**
 * Creates a router. A known path with the wrong method gets 405 with `Allow`; a route that isn't public gets 401
 * without valid credentials.
 */
export function createRouter(routes: readonly Route[]): Router {
  const router = findMyWay({ maxParamLength: MAX_PARAM_LENGTH, caseSensitive: true })
  for (const route of routes) {
    const methods = route.method === "GET" ? (["GET", "HEAD"] as const) : ([route.method] as const)
    router.on([...methods], route.path, () => undefined, route)
  }

  return {
    async handle(context) {
      const { request, response, url } = context
      const method = METHODS.find((known) => known === request.method)
      const found = method === undefined ? null : router.find(method, url.pathname)
      if (found !== null) {
        const route: Route = found.store
        await dispatch(route, { ...context, params: found.params })
        return true
      }
      const allowed = METHODS.filter((known) => {
        const other = router.find(known, url.pathname)
        return other !== null && (other.store as Route).isShared !== true
      })
      if (allowed.length === 0) return false
      response.setHeader("allow", allowed.join(", "))
      sendText(response, 405, `${request.method} is not allowed here. Use ${allowed.join(" or ")}.`)
      return true
    },
  }
}

async function dispatch(route: Route, context: RequestContext): Promise<void> {
  const { auth, request, response } = context
  if (route.method !== "GET" && isCrossSite(request))
    return sendText(response, 403, "Only this server's own pages may do that.")
  if (route.isPublic) return route.handle(context)
  if (!("identity" in auth)) return sendError(response, 401, "unauthenticated")
  return route.handle({ ...context, principal: auth.identity.principal })
}

/**
 * Returns true if the browser says that another site caused this request. Browsers send cookies even with such
 * requests.
 */
function isCrossSite({ headers }: IncomingMessage): boolean {
  const site = headers["sec-fetch-site"]
  const hasToken = headers.authorization !== undefined || headers["x-api-key"] !== undefined
  return !hasToken && site !== undefined && site !== "same-origin" && site !== "none"
}
