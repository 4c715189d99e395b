import type { Route } from "@/server/http/Route"
import type { StaticFiles } from "@/server/http/StaticFiles"
import { sendText } from "@/server/net/respond"

/** The path under which the client packages are served. */
export const PACKAGES_PATH = "/packages/"

/**
 * Serves the client packages. With them, the author of an agent can install the client that matches this server, on any
 * machine. The packages are public, because they contain only the clients' code.
 */
export function packageRoutes(packages: StaticFiles, basePath: string): Route[] {
  return [
    {
      method: "GET",
      path: `${PACKAGES_PATH}*`,
      isPublic: true,
      async handle({ request, response }) {
        if (!(await packages.serve(request, response))) {
          const paths = packages.paths.map((path) => basePath + path)
          sendText(response, 404, notFound(paths))
        }
      },
    },
  ]
}

function notFound(paths: readonly string[]): string {
  if (paths.length === 0) return "This server was built without client packages."
  return `This package doesn't exist. This server has ${paths.join(" and ")}.`
}
