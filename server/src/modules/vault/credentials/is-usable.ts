/** Whether a credential may be used at this moment. */
export function isUsable(
  { is_active, expires_at }: { readonly is_active: boolean; readonly expires_at: Date | null },
  now: Date,
): boolean {
  return is_active && (expires_at === null || expires_at > now)
}
