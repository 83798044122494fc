package main

import (
	"strings"
)

// witness makes the database write down, with means of its own, whatever a node stores that is not its to store: an
// event of a connection that another node owns, and a step of a call that another node holds. It knows nothing of the
// checks by which the store refuses such writes.
const witness = `
CREATE TABLE public.strays (at timestamptz DEFAULT clock_timestamp(), who text, owner text, what text);
CREATE FUNCTION public.watch_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE owner text;
BEGIN
	SELECT n.name INTO owner FROM cordboard.leases l LEFT JOIN cordboard.nodes n ON n.session = l.session
		WHERE l.name = CAST(NEW.body AS json) ->> 'connection';
	IF 'cordboard ' || coalesce(owner, 'nobody') <> current_setting('application_name') THEN
		INSERT INTO public.strays (who, owner, what) VALUES (current_setting('application_name'), owner, 'event ' || NEW.key);
	END IF;
	RETURN NULL;
END $$;
CREATE TRIGGER watch AFTER INSERT ON cordboard.events FOR EACH ROW EXECUTE FUNCTION public.watch_event();
CREATE FUNCTION public.watch_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE holder text;
BEGIN
	SELECT n.name INTO holder FROM cordboard.calls c LEFT JOIN cordboard.nodes n ON n.session = c.holder WHERE c.n = NEW.call;
	IF 'cordboard ' || coalesce(holder, 'nobody') <> current_setting('application_name') THEN
		INSERT INTO public.strays (who, owner, what) VALUES (current_setting('application_name'), holder, 'step ' || NEW.id);
	END IF;
	RETURN NULL;
END $$;
CREATE TRIGGER watch AFTER INSERT OR UPDATE ON cordboard.steps FOR EACH ROW EXECUTE FUNCTION public.watch_step();`

// withoutFencing takes away the database's refusal of what a node writes whose time is over.
const withoutFencing = `
CREATE OR REPLACE FUNCTION cordboard.refuse(code text, why text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
	IF code <> 'CB002' THEN
		RAISE EXCEPTION USING ERRCODE = code, MESSAGE = why;
	END IF;
	RETURN true;
END $$;`

// install runs several statements.
func (n *nodes) install(text string) {
	n.t.Helper()
	n.database.Exec(n.t, strings.TrimSpace(text))
}

// strays is how much was written by nodes that had no right to.
func (n *nodes) strays() int64 {
	n.t.Helper()
	return n.database.Count(n.t, "SELECT count(*) FROM public.strays")
}
