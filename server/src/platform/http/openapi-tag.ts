import type { Endpoint } from '@outcry/contract/endpoint'

/** The group an endpoint is listed under. */
export function tagOf({ tag, path }: Pick<Endpoint, 'tag' | 'path'>): string {
  return tag ?? path.split('/')[1] ?? ''
}
