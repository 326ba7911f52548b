/** A file for the person to save. */
export interface ExportFile {
  readonly file: Blob;
  /** Leaves nothing of it, once it is saved. */
  readonly remove: () => Promise<void>;
}

/**
 * So many parts are kept in memory, which is all that most exports have. Of a longer one the browser would keep all until it is saved:
 * Chromium 156 moves a blob to the disk only when blobs fill a fifth of the memory. So it is written to a file of the page's own folder.
 */
const IN_MEMORY = 20;
const FOLDER = 'exports';
/** Held, together with others, by each page that has a file in that folder. */
const LOCK = 'exports';
/** What a page that was closed has handed over, the browser may be copying still. */
const SAVED_BY_THEN_MS = 60_000;

/** Puts a file together, part by part. Where the parts end with an error, nothing of it is left, and the error is thrown. */
export async function exportFile(parts: AsyncIterable<string>, type: string): Promise<ExportFile> {
  let inMemory: Blob[] = [];
  let onDisk: FileOnDisk | null = null;
  try {
    for await (const part of parts) {
      if (onDisk !== null) {
        await onDisk.write(part);
        continue;
      }
      inMemory.push(new Blob([part]));
      if (inMemory.length !== IN_MEMORY) continue;
      onDisk = await fileOnDisk();
      if (onDisk === null) continue;
      for (const earlier of inMemory) await onDisk.write(earlier);
      inMemory = [];
    }
    return onDisk === null ? { file: new Blob(inMemory, { type }), remove: async () => undefined } : await onDisk.end();
  } catch (cause) {
    await onDisk?.discard();
    throw cause;
  }
}

interface FileOnDisk {
  readonly write: (part: string | Blob) => Promise<void>;
  readonly end: () => Promise<ExportFile>;
  readonly discard: () => Promise<void>;
}

/** Null where there is no folder for it. */
async function fileOnDisk(): Promise<FileOnDisk | null> {
  const root = await ownFolder();
  if (root === null) return null;
  const done = new AbortController();
  await holdLock(done.signal);
  const folder = await root.getDirectoryHandle(FOLDER, { create: true });
  const name = crypto.randomUUID();
  const handle = await folder.getFileHandle(name, { create: true });
  // What is written comes to be the file's when it ends; of a page that is closed before, the browser removes it itself.
  const writable = await handle.createWritable();
  const remove = async () => {
    await folder.removeEntry(name);
    done.abort();
  };
  return {
    write: (part) => writable.write(part),
    async end() {
      await writable.close();
      return { file: await handle.getFile(), remove };
    },
    async discard() {
      // It may have ended by the error for which it is discarded.
      await writable.abort().catch(() => undefined);
      await remove();
    },
  };
}

/** Null where the browser gives none: Firefox has none in private windows. */
async function ownFolder(): Promise<FileSystemDirectoryHandle | null> {
  try {
    return await navigator.storage.getDirectory();
  } catch {
    return null;
  }
}

/** Resolves once the lock is held: until the signal aborts, or the page is closed. */
function holdLock(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(LOCK, { mode: 'shared' }, () => {
        resolve();
        return new Promise<void>((end) => signal.addEventListener('abort', () => end(), { once: true }));
      })
      .catch(reject);
  });
}

/** Removes what pages have left that were closed before they could. */
export async function removeLeftExports(): Promise<void> {
  const root = await ownFolder();
  if (root === null) return;
  await navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
    if (lock === null) return;
    for await (const folder of root.values()) {
      if (folder.kind !== 'directory' || folder.name !== FOLDER) continue;
      for await (const handle of folder.values()) {
        if (handle.kind !== 'file') continue;
        const { size, lastModified } = await handle.getFile();
        // Until it is complete it is empty.
        if (size > 0 && Date.now() - lastModified < SAVED_BY_THEN_MS) return;
      }
      await root.removeEntry(FOLDER, { recursive: true });
    }
  });
}
