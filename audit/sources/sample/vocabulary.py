"""The words of the sample: counters, events, libraries, and names of nobody in particular."""

from typing import NamedTuple

PRODUCTION, MARKETING, MOBILE, STAGING = range(4)
KINDS = 4
PROJECT_NAMES = ("Production", "Marketing site", "Mobile app", "Staging")

# Families of series that move together from day to day.
EVENT_FAMILY, REPLAY_FAMILY, FLAG_FAMILY, SERVER_FAMILY, STEADY_FAMILY = range(5)
FAMILIES = 5


class Counter(NamedTuple):
    """A usage counter; ``product`` is empty for counters nobody is billed on."""

    usage_type: str
    product: str
    family: int


COUNTERS = (
    Counter("event_count_in_period", "product_analytics", EVENT_FAMILY),
    Counter("enhanced_persons_event_count_in_period", "enhanced_persons", EVENT_FAMILY),
    Counter("group_analytics", "group_analytics", EVENT_FAMILY),
    Counter("data_pipelines", "data_pipelines", EVENT_FAMILY),
    Counter("event_count_with_groups_in_period", "", EVENT_FAMILY),
    Counter("recording_count_in_period", "session_replay", REPLAY_FAMILY),
    Counter("mobile_recording_count_in_period", "mobile_replay", REPLAY_FAMILY),
    Counter("decide_requests_count_in_period", "", FLAG_FAMILY),
    Counter("local_evaluation_requests_count_in_period", "", STEADY_FAMILY),
    Counter("billable_feature_flag_requests_count_in_period", "feature_flags", FLAG_FAMILY),
    Counter("exceptions_captured_in_period", "error_tracking", SERVER_FAMILY),
    Counter("survey_responses_count_in_period", "surveys", SERVER_FAMILY),
    Counter("ai_event_count_in_period", "llm_analytics", SERVER_FAMILY),
    Counter("rows_synced_in_period", "data_warehouse", STEADY_FAMILY),
    Counter("free_historical_rows_synced_in_period", "data_warehouse_historical", STEADY_FAMILY),
    Counter("cdp_billable_invocations_in_period", "realtime_destinations", SERVER_FAMILY),
    Counter("rows_exported_in_period", "batch_exports", STEADY_FAMILY),
    Counter("ai_credits_used_in_period", "posthog_ai", SERVER_FAMILY),
    Counter("logs_mb_in_period", "logs", STEADY_FAMILY),
    Counter("logs_retention_30d_mb_in_period", "logs_retention_30d", STEADY_FAMILY),
    Counter("signals_credits_used_in_period", "inbox", SERVER_FAMILY),
    Counter("posthog_code_credits_used_in_period", "posthog_code_usage", SERVER_FAMILY),
    Counter("replay_vision_credits_used_in_period", "replay_vision", SERVER_FAMILY),
    Counter("workflow_emails_sent_in_period", "workflows_emails", SERVER_FAMILY),
    Counter("workflow_billable_invocations_in_period", "workflows_destinations", SERVER_FAMILY),
)
COUNTER_OF = {counter.usage_type: place for place, counter in enumerate(COUNTERS)}
COUNTER_OF_PRODUCT = {c.product: place for place, c in enumerate(COUNTERS) if c.product}
DECIDE = COUNTER_OF["decide_requests_count_in_period"]
LOCAL = COUNTER_OF["local_evaluation_requests_count_in_period"]
FLAGS = COUNTER_OF_PRODUCT["feature_flags"]

PARENTS = {
    "enhanced_persons": "product_analytics",
    "group_analytics": "product_analytics",
    "data_pipelines": "product_analytics",
    "mobile_replay": "session_replay",
    "batch_exports": "realtime_destinations",
    "data_warehouse_historical": "data_warehouse",
    "logs_retention_30d": "logs",
    "workflows_destinations": "workflows_emails",
    "boost": "platform_and_support",
    "scale": "platform_and_support",
    "teams": "platform_and_support",
    "enterprise": "platform_and_support",
}
PACKAGES = ("boost", "scale", "teams", "enterprise")
USED_PRODUCTS = (
    "product_analytics",
    "session_replay",
    "surveys",
    "error_tracking",
    "llm_analytics",
    "data_warehouse",
    "logs",
)

#: What the activity table measures, beside who used which product.
MEASURES = (
    "sessions",
    "people",
    "group_events",
    "web_events",
    "proxied_web_events",
    "bot_events",
    "behaviour_events",
    "behaviour_people",
    "idle_recordings",
    "server_flag_calls",
    "server_flag_people",
    "ai_events",
    "ai_generations",
    "ai_spans",
    "app_queries",
    "api_queries",
    "failed_queries",
)

METERS = (
    "product_analytics",
    "enhanced_persons",
    "group_analytics",
    "data_pipelines",
    "session_replay",
    "mobile_replay",
    "feature_flags",
)
HOSTS = ("production", "staging", "localhost", "unknown")
SERVER_LIBRARIES = (
    "posthog-node",
    "posthog-python",
    "posthog-ruby",
    "posthog-php",
    "posthog-go",
    "posthog-java",
    "posthog-dotnet",
    "posthog-elixir",
)
MOBILE_LIBRARIES = ("posthog-react-native", "posthog-ios", "posthog-android", "posthog-flutter")
LIBRARIES = ("web", *SERVER_LIBRARIES, *MOBILE_LIBRARIES)
NEWEST_VERSION = {
    "web": (1, 442),
    "posthog-node": (5, 57),
    "posthog-python": (7, 78),
    "posthog-ruby": (3, 16),
    "posthog-php": (4, 9),
    "posthog-go": (1, 31),
    "posthog-java": (2, 12),
    "posthog-dotnet": (2, 14),
    "posthog-elixir": (2, 11),
    "posthog-react-native": (4, 78),
    "posthog-ios": (3, 58),
    "posthog-android": (3, 49),
    "posthog-flutter": (5, 27),
}

DURATIONS = ("under_2_seconds", "2_to_5_seconds", "5_seconds_or_longer")
FLAG_EVENTS = ("flags", "local_evaluation")
STANDARD_EVENTS = (
    "$autocapture",
    "$pageview",
    "$pageleave",
    "$web_vitals",
    "$rageclick",
    "$identify",
    "$set",
    "$groupidentify",
    "$screen",
    "Application Backgrounded",
    "$dead_click",
)
THEMES = (
    ("signup_completed", "trial_started", "invoice_sent", "report_exported", "seat_added",
     "plan_upgraded", "invoice_paid", "workspace_created"),
    ("product_viewed", "cart_updated", "checkout_started", "order_placed", "coupon_applied",
     "stock_synced", "order_shipped", "refund_requested"),
    ("lesson_started", "lesson_completed", "quiz_submitted", "certificate_issued", "streak_kept",
     "course_published", "homework_graded", "class_joined"),
    ("booking_searched", "booking_made", "room_viewed", "booking_cancelled", "review_written",
     "price_updated", "payout_sent", "calendar_synced"),
    ("track_played", "playlist_created", "song_skipped", "subscription_renewed", "ad_heard",
     "recommendation_computed", "royalty_counted", "artist_followed"),
    ("ticket_created", "reply_sent", "article_read", "ticket_closed", "rating_given",
     "mail_received", "agent_assigned", "macro_applied"),
    ("build_started", "build_finished", "deploy_triggered", "log_opened", "runner_added",
     "job_queued", "webhook_delivered", "secret_rotated"),
    ("patient_added", "visit_planned", "form_signed", "message_read", "reminder_sent",
     "claim_filed", "record_imported", "invoice_matched"),
)  # fmt: skip
THEME_SIZE = 8
EVENTS = (
    *DURATIONS,
    *FLAG_EVENTS,
    *STANDARD_EVENTS,
    *(event for theme in THEMES for event in theme),
)
EVENT_CODE = {event: code for code, event in enumerate(EVENTS)}
FIRST_THEME_EVENT = EVENT_CODE[THEMES[0][0]]

FIRST_WORDS = (
    "Alder", "Ambrée", "Anchorage", "Aurora", "Basalt", "Beacon", "Bergström", "Birch",
    "Blåfjell", "Bramble", "Brontë", "Café Lumière", "Cedar", "Çınar", "Cobalt", "Copper",
    "Cormorant", "D'Arcy", "Dapper", "Drift", "Ébène", "Elm & Oak", "Ember", "Fable", "Fathom",
    "Fennel", "Fjord", "Flint", "Gable", "Galleon", "Gärtner", "Granite", "Halcyon", "Harbour",
    "Hawthorn", "Heron", "Ibérica", "Indigo", "Juniper", "Kestrel", "Kite & Key", "Lantern",
    "Larch", "Linden", "Lupin", "Łódź", "Magnolia", "Maple", "Marlow", "Meridian", "Mistral",
    "Moss", "Müller & Söhne", "Nectar", "Nimbus", "Nórdico", "O'Connell", "Ochre", "Orchard",
    "Otter", "Pebble", "Périgord", "Petrel", "Pollen", "Quarry", "Quince", "Rowan", "Saffron",
    "Sable", "São Bento", "Sequoia", "Sorrel", "Søndergaard", "Tallow", "Thistle", "Tundra",
    "Umber", "Verdigris", "Willow", "Zephyr",
)  # fmt: skip
SECOND_WORDS = (
    "Analytics", "Apparel", "Bank", "Books", "Care", "Cargo", "Classroom", "Clinic", "Cloud",
    "Coaching", "Commerce", "Courses", "Dental", "Diagnostics", "Energy", "Farms", "Fitness",
    "Fleet", "Foods", "Freight", "Games", "Garden", "Health", "Homes", "Insure", "Invoicing",
    "Journeys", "Kitchen", "Labs", "Learning", "Ledger", "Legal", "Logistics", "Maps", "Market",
    "Media", "Mobility", "Music", "Outdoors", "Pantry", "Payments", "Payroll", "People", "Pharma",
    "Post", "Press", "Recruiting", "Rentals", "Robotics", "Security", "Social", "Software", "Stays",
    "Studio", "Supply", "Systems", "Tickets", "Travel", "Video", "Works",
)  # fmt: skip
LEGAL_FORMS = (
    "",
    " Inc",
    " Ltd",
    " GmbH",
    " SAS",
    " AB",
    " BV",
    " Group",
    " Co.",
    " & Co",
    " Pty",
    " Oy",
)
GIVEN_NAMES = (
    "Ada", "Amara", "Björn", "Carmen", "Chidi", "Dario", "Elif", "Fatima", "Goran", "Hana", "Ines",
    "Jonas", "Kenji", "Lea", "Mateo", "Nadia", "Oksana", "Priya", "Quentin", "Rosa", "Soren",
    "Tariq", "Uma", "Vera", "Wanjiru", "Yusuf", "Zoë",
)  # fmt: skip
FAMILY_NAMES = (
    "Abbas", "Brandt", "Castillo", "Dubois", "Eriksen", "Farrell", "García", "Hoang", "Ito",
    "Jansen", "Kowalski", "Lindqvist", "Moreau", "Nakamura", "Okafor", "Petrov", "Quispe", "Rossi",
    "Silva", "Tanaka", "Usman", "Varga", "Weiss", "Ximénez", "Yıldız", "Zhou",
)  # fmt: skip
