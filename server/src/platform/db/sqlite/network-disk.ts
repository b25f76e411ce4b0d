import { statfsSync } from 'node:fs'
import { UnfitDiskError } from '../errors.ts'

/** File systems that several machines share, by the number that Linux gives them (statfs(2), linux/magic.h). */
const SHARED = new Map([
  [0x01161970, 'GFS2'],
  [0x0bd00bd0, 'Lustre'],
  [0x00c36400, 'Ceph'],
  [0x517b, 'SMB'],
  [0x5346414f, 'AFS'],
  [0x564c, 'NCP'],
  [0x6969, 'NFS'],
  [0x6b414653, 'AFS'],
  [0x73757245, 'Coda'],
  [0x7461636f, 'OCFS2'],
  [0xfe534d42, 'SMB'],
  [0xff534d42, 'SMB'],
])

type FileSystemOf = (path: string) => number

const linuxTypeOf: FileSystemOf = (path) => (process.platform === 'linux' ? statfsSync(path).type : 0)

/**
 * Throws `UnfitDiskError` where a file or folder is on a network share: the write-ahead log needs memory that all who have the
 * file open share, so one machine (https://www.sqlite.org/wal.html), and locks that such disks often only pretend to hold.
 * Looks on Linux only. What may as well be a disk of this machine is let through: FUSE, and 9P, which sandboxes and WSL use.
 */
export function refuseNetworkDisk(path: string, typeOf = linuxTypeOf): void {
  const name = SHARED.get(typeOf(path) >>> 0)
  if (name === undefined) return
  throw new UnfitDiskError(
    `${path} is on a network disk (${name}), where SQLite loses data; keep the database on a local disk, or use PostgreSQL.`,
  )
}
