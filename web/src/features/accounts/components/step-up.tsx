export function StepUp() {
  return null
}
