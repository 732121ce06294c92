/** The operator or the command whose changes of tenants this process records in the audit log. */
export interface Actor {
  /** `operator 3f2a9c1e`, by the fingerprint of the key, or `os user root`. At most 200 characters. */
  readonly name: string;
  /** `HTTP`, or the name of the command. At most 100 characters. */
  readonly via: string;
}
