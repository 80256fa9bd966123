//! A shop that was never opened: 50,000 believable products from a seed, and what its customers ask for.

use std::fmt::Write as _;

/// A small generator of numbers that look random (SplitMix64, public domain): the same seed, the same shop.
pub(crate) struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.roll() % n.max(1) as u64) as usize
    }

    pub(crate) fn one_of<'a>(&mut self, words: &'a str) -> &'a str {
        let words: Vec<&str> = words.split('|').collect();
        words[self.below(words.len())]
    }
}

const BRANDS: &str = "Nordlicht|Fellwerk|Haverstock|Alpenglow|Marisol|Tidewater|Brennan & Vale|Kirsebom|Ostwind|Lindqvist|\
Calder|Fairweather|Hollis|Juniper Row|Kestrel|Larkspur|Montrose|Oakhaven|Pendle|Quayside|Ravenna|Saltmarsh|Thornbury|Umbria";
const STYLES: &str = "Harbour|Summit|Meadow|Coastal|Ridge|Willow|Ember|Drift|Aurora|Cobble|Fjord|Granite|Heather|Indigo|Jasper|\
Lagoon|Marble|Nimbus|Orchard|Pebble|Quartz|River|Saffron|Timber|Velvet|Wander|Zephyr|Arctic|Bramble|Canyon|Dune|Echo|Falcon|Glacier";
const COLORS: &str =
    "black|navy blue|light blue|red|olive green|grey|white|beige|burgundy|mustard|teal|charcoal";
/// Things, their categories and what they are called in German.
const THINGS: &[(&str, &str, &str)] = &[
    ("Rain Jacket", "Outerwear > Rain jackets", "Regenjacke"),
    ("Down Parka", "Outerwear > Parkas", "Daunenparka"),
    ("Softshell Jacket", "Outerwear > Softshell", "Softshelljacke"),
    ("Wool Coat", "Outerwear > Coats", "Wollmantel"),
    ("Linen Shirt", "Tops > Shirts", "Leinenhemd"),
    ("Oxford Shirt", "Tops > Shirts", "Oxfordhemd"),
    ("Crew Neck T-Shirt", "Tops > T-shirts", "T-Shirt mit Rundhalsausschnitt"),
    ("Merino Sweater", "Knitwear > Sweaters", "Merinopullover"),
    ("Cable Knit Cardigan", "Knitwear > Cardigans", "Zopfstrickjacke"),
    ("Zip Hoodie", "Knitwear > Hoodies", "Kapuzenjacke"),
    ("Slim Jeans", "Trousers > Jeans", "Schmale Jeans"),
    ("Chino Trousers", "Trousers > Chinos", "Chinohose"),
    ("Pleated Skirt", "Skirts > Midi", "Faltenrock"),
    ("Wrap Dress", "Dresses > Midi", "Wickelkleid"),
    ("Leather Boots", "Shoes > Boots", "Lederstiefel"),
    ("Running Shoes", "Shoes > Running", "Laufschuhe"),
    ("Canvas Sneakers", "Shoes > Sneakers", "Stoffturnschuhe"),
    ("Hiking Backpack", "Bags > Backpacks", "Wanderrucksack"),
    ("Leather Belt", "Accessories > Belts", "Ledergürtel"),
    ("Cashmere Scarf", "Accessories > Scarves", "Kaschmirschal"),
    ("Wool Beanie", "Accessories > Hats", "Wollmütze"),
    ("Trail Shorts", "Trousers > Shorts", "Kurze Hose"),
    ("Swim Shorts", "Swimwear > Men", "Badehose"),
    ("Silk Blouse", "Tops > Blouses", "Seidenbluse"),
];
const SELLS: &str = "Waterproof to 15,000 mm with taped seams.|Windproof and breathable.|Cut long enough for a bicycle saddle.|\
Made of organic cotton from certified farms.|Packs into its own pocket.|Warm down to minus ten degrees.|With two deep inside pockets.|\
A relaxed fit that layers well.|Machine washable at 30 degrees.|Recycled polyester with a soft lining.|The collar stands up against the wind.|\
Reflective details for dark evenings.|Knitted in one piece without side seams.|Lightweight and quick to dry after rain.|Handmade buttons of horn.|\
Stretch fabric that keeps its shape.|Reinforced where it wears first.|Undyed yarn, soft on the skin.";
const SELLS_DE: &str = "Wasserdicht bis 15.000 mm mit verklebten Nähten.|Winddicht und atmungsaktiv.|Aus Bio-Baumwolle von zertifizierten Höfen.|\
Passt in die eigene Tasche.|Warm bis minus zehn Grad.|Mit zwei tiefen Innentaschen.|Bei 30 Grad in der Maschine waschbar.|Aus recyceltem Polyester mit weichem Futter.|\
Reflektierende Details für dunkle Abende.|Leicht und nach Regen schnell trocken.|Verstärkt, wo sie zuerst abgenutzt wird.";
const MATERIALS: &str = "cotton|organic cotton|recycled polyester|merino wool|linen|leather|nylon";

pub(crate) struct Feed {
    pub(crate) text: String,
    pub(crate) products: u64,
    pub(crate) rows: u64,
}

/// A Google Merchant feed. One product in four is described in German; each comes in two to six variants.
pub(crate) fn feed(products: u64) -> Feed {
    let mut dice = Dice(50_000);
    let mut text = String::from(
        "id,item_group_id,title,description,link,image_link,availability,price,sale_price,brand,gtin,mpn,\
         condition,product_type,color,size,gender,material\n",
    );
    let mut rows = 0;
    for n in 0..products {
        let (thing, category, german) = THINGS[dice.below(THINGS.len())];
        let in_german = n % 4 == 0;
        let (style, brand) = (dice.one_of(STYLES), dice.one_of(BRANDS));
        let gender = dice.one_of("male|female|unisex");
        let of = match (in_german, gender) {
            (false, "male") => "Men's ",
            (false, "female") => "Women's ",
            (true, "male") => "Herren ",
            (true, "female") => "Damen ",
            _ => "",
        };
        let title = format!("{of}{style} {}", if in_german { german } else { thing });
        let sells = if in_german { SELLS_DE } else { SELLS };
        let about = [dice.one_of(sells), dice.one_of(sells), dice.one_of(sells)].join(" ");
        let (price, material) = (dice.below(28_000) + 990, dice.one_of(MATERIALS));
        let mpn = format!("{}{}-{:05}", &brand[..2], &style[..2], n).to_uppercase();
        for v in 0..2 + dice.below(5) {
            let (color, size) = (dice.one_of(COLORS), dice.one_of("XS|S|M|L|XL|XXL"));
            let stock = dice.one_of("in_stock|in_stock|in_stock|out_of_stock|preorder");
            let sale = if dice.below(6) == 0 { cents(price * 4 / 5) } else { String::new() };
            let price = cents(price);
            let _written = writeln!(
                text,
                "p{n}-{v},p{n},{title},{about:?},https://shop.example/p/{n}?v={v},https://shop.example/i/{n}.jpg,{stock},{price},\
                 {sale},{brand},,{mpn},new,{category},{color},{size},{gender},{material}"
            );
            rows += 1;
        }
    }
    Feed { text, products, rows }
}

fn cents(amount: usize) -> String {
    format!("{}.{:02} EUR", amount / 100, amount % 100)
}

/// What a customer asks for: words, filters, and a price limit in whole units.
pub(crate) struct Ask {
    pub(crate) kind: &'static str,
    pub(crate) words: String,
    pub(crate) filters: Vec<(&'static str, String)>,
    pub(crate) max_price: Option<usize>,
    pub(crate) cheapest: bool,
}

/// A mix of what is asked in a shop: few words and many, with typing errors, filters and limits, in both languages.
pub(crate) fn asks(count: usize) -> Vec<Ask> {
    let mut dice = Dice(7);
    (0..count).map(|n| ask(&mut dice, n)).collect()
}

fn ask(dice: &mut Dice, n: usize) -> Ask {
    let (thing, _, german) = THINGS[dice.below(THINGS.len())];
    let thing = thing.to_lowercase();
    let mut ask = Ask {
        kind: "one thing",
        words: thing.clone(),
        filters: Vec::new(),
        max_price: None,
        cheapest: false,
    };
    match n % 10 {
        0 => {}
        1 => {
            ask.kind = "one word";
            ask.words = thing.rsplit(' ').next().unwrap_or(&thing).to_owned();
        }
        2 => {
            (ask.kind, ask.words) =
                ("a name", format!("{} {thing}", dice.one_of(STYLES).to_lowercase()));
        }
        3 => {
            ask.kind = "color and size";
            ask.filters = vec![
                ("color", dice.one_of(COLORS).to_owned()),
                ("size", dice.one_of("S|M|L|XL").to_owned()),
            ];
        }
        4 => (ask.kind, ask.max_price) = ("price limit", Some(20 + dice.below(200))),
        5 => {
            (ask.kind, ask.max_price, ask.cheapest) =
                ("cheapest", Some(40 + dice.below(200)), true);
            ask.filters = vec![("size", dice.one_of("S|M|L|XL").to_owned())];
        }
        6 => (ask.kind, ask.words) = ("typing error", typo(dice, &thing)),
        7 => (ask.kind, ask.words) = ("German", german.to_lowercase()),
        8 => {
            ask.kind = "a sentence";
            ask.words = format!(
                "waterproof breathable {} {thing} with reflective details {} {}",
                dice.one_of(COLORS),
                dice.one_of(MATERIALS),
                dice.one_of(BRANDS).to_lowercase()
            );
        }
        _ => {
            ask.kind = "part number";
            ask.words = format!(
                "{}{}-{:05}",
                dice.one_of("NO|FE|HA|AL"),
                dice.one_of("HA|SU|ME"),
                dice.below(50_000)
            );
        }
    }
    ask
}

/// One letter left out, doubled, or swapped with its neighbour, in the longest word.
fn typo(dice: &mut Dice, words: &str) -> String {
    let longest = words.split(' ').max_by_key(|word| word.len()).unwrap_or(words);
    let mut letters: Vec<char> = longest.chars().collect();
    let at = 1 + dice.below(letters.len() - 2);
    match dice.below(3) {
        0 => _ = letters.remove(at),
        1 => letters.insert(at, letters[at]),
        _ => letters.swap(at, at + 1),
    }
    words.replace(longest, &letters.into_iter().collect::<String>())
}
