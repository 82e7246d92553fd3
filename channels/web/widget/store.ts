// What the browser keeps between visits. With storage blocked or full, the
// chat works on and forgets when the page is left.

export interface Saved {
  visitor?: string; // opens this visitor's conversation
  epoch?: string;
  thread?: string;
  read?: number; // last event the customer has seen
  quiet?: boolean; // the analysis of tone is switched off
  theme?: string;
  draft?: string;
  rated?: number; // last event a rating was given or put off for
  open?: boolean;
}

export interface Item {
  cid: string;
  path: string;
  body: Record<string, unknown>;
  at: number;
  error?: string; // it will not be sent by itself any more
}

export class Store {
  private memory: Record<string, string> = {};
  constructor(private name: string) {}

  private get<T>(part: string, otherwise: T): T {
    const name = this.name + part;
    let text: string | null | undefined = this.memory[name];
    try {
      text = localStorage.getItem(name) ?? text;
    } catch {
      // storage is blocked
    }
    try {
      return text ? (JSON.parse(text) as T) : otherwise;
    } catch {
      return otherwise;
    }
  }

  private put(part: string, v: unknown): void {
    const name = this.name + part;
    const text = JSON.stringify(v);
    this.memory[name] = text;
    try {
      localStorage.setItem(name, text);
    } catch {
      try {
        localStorage.removeItem(name); // an old value must not win over the one in memory
      } catch {
        // storage is blocked
      }
    }
  }

  get saved(): Saved {
    return this.get<Saved>('', {});
  }

  save(change: Partial<Saved>): void {
    this.put('', { ...this.saved, ...change });
  }

  get outbox(): Item[] {
    return this.get<Item[]>(':out', []);
  }

  set outbox(items: Item[]) {
    this.put(':out', items);
  }

  clear(): void {
    this.put('', {});
    this.put(':out', []);
  }
}
