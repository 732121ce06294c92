/** Who changes tenants in this process, as the audit log has it. */
export interface Actor {
  /** `operator 3f2a9c1e`, by the fingerprint of the key, or `os user root`. At most 200 characters. */
  readonly name: string;
  /** Through what: `HTTP`, or the command's name. At most 100 characters. */
  readonly via: string;
}
