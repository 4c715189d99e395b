import type { IncomingMessage } from "node:http"
import type { Principal } from "@/lib/protocol/access"
import type { Audit, AuditEntry } from "@/server/audit/Audit"
import type { Quotas } from "@/server/auth/Quotas"
import { tokenIdOf } from "@/server/auth/token"
import type { Metrics } from "@/server/metrics/Metrics"
import { clientAddress } from "@/server/net/clientAddress"

type HttpAuditOptions = { audit: Audit; quotas: Quotas; metrics: Metrics; proxyHops: number }

/** Records what clients do over HTTP in the audit log, and counts failed authentications. */
export class HttpAudit {
  readonly #options: HttpAuditOptions

  constructor(options: HttpAuditOptions) {
    this.#options = options
  }

  /** Returns the client's address. Uses proxy headers only from trusted proxies. */
  address({ headers, socket }: IncomingMessage): string {
    return clientAddress(headers, socket.remoteAddress, this.#options.proxyHops)
  }

  /**
   * Records an invalid token.
   *
   * @param how the path or form that contained the token.
   * @returns 0, or the milliseconds that this address must wait before its next attempt.
   */
  recordFailedAuth(request: IncomingMessage, how: string, sentToken: string | undefined): number {
    const { quotas, metrics, audit } = this.#options
    const address = this.address(request)
    const token = sentToken === undefined ? undefined : tokenIdOf(sentToken)
    audit.record({ event: "auth_failed", address, how, ...(token !== undefined && { token }) })
    const waitMs = quotas.recordFailure(address)
    metrics.refused(waitMs > 0 ? "failures" : "token")
    return waitMs
  }

  /** Records an action, with its client's address and, if known, token. */
  record(
    request: IncomingMessage,
    principal: Pick<Principal, "token_id" | "name"> | undefined,
    entry: AuditEntry,
  ): void {
    const by = principal === undefined ? {} : { token: principal.token_id, name: principal.name }
    this.#options.audit.record({ ...entry, ...by, address: this.address(request) })
  }
}
