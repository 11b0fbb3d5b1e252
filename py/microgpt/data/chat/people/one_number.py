"""Ways in which people ask for sums of one number, and for percents, one a line."""

ONE_NUMBER = {
    "{a}*2": """
        twice as much as {a}
        {a} two times
        i want the double of {a}
        what is {a} twice
        double {a} please
        two times {a}
        what is the double of {a}?
        {a} pairs of socks are how many socks?
        {n} has {a} {t} and {m} has twice as many. How many does {m} have?
        {m} has {a}, {n} has double that. how many has {n}
        i have {a} and you have twice as much. how much do you have
        my sister is {a}, my brother is twice as old. how old is he
        it was {a} last year and has doubled since. how much is it
        a recipe needs {a} g, i make it two times, how many g
        the shop is {a} km away. how far is it there and back
        {n} got {a} points, {m} got two times as many. Points of {m}?
        two tickets at {a} each, what do i pay?
        {a} kids need two gloves each, how many gloves
        how many ears do {a} men have
        what is {a} when you double it
    """,
    "{a}/2": """
        split {a} in half
        half as much as {a}
        cut {a} in two
        {n} gives one half of {a} {t} away. How many is that?
        what is half of {a}
        {n} and {m} share {a} equally. How many does each get?
        one half of {a}?
        halve {a}
        {n} has half as many {t} as {m}, who has {a}. How many has {n}?
        {m} has {a} {t}. {n} has only half as many. how many does {n} have
        everything is half price. it was {a}. what is it now
        half of the {a} pupils are girls. How many girls?
        two of us split {a}, how much per head
        a bill of {a} for the two of us, how much each
        i ate half of my {a} sweets. how many are left
        what remains of {a} if half is gone
        we walked half of {a} km. how far was that
        how many pairs can i make from {a} socks
        between two, {a} is how much for one
    """,
    "{a}*3": """
        triple {a}
        three of {a} are how much
        what is three times {a}
        make {a} three times as big
        {n} has {a} and {m} has three times as many. How many has {m}?
        three tickets for {a} apiece
        {n} has {a} {t}, {m} has twice as many. How many have they together?
        treble {a}
        we are three and pay {a} each. total?
        {n} ran {a} metres and {m} ran three times as far. How far did {m} run?
        how many wheels do {a} tricycles have
        a price of {a} has tripled, new price?
    """,
    "{a}*7": """
        how many days are {a} weeks
        {a} weeks in days?
        i stay for {a} weeks, how many days is that
        {n} does one lesson a day for {a} weeks. How many lessons?
        seven times {a}
        {a} a day, how much in a week
        {n} drinks {a} cups a day. How many is that per week?
        in {a} weeks its my birthday. how many days are that
    """,
    "{a}*60": """
        how many minutes are {a} hours?
        {a} minutes in seconds?
        how many seconds do {a} minutes have
        {n} slept {a} hours. How many minutes is that?
        convert {a} hours to minutes
        {a} hours, in minutes please
        my heart beats {a} times a minute, how often in an hour?
    """,
    "{a}*12": """
        how many months are {a} years
        {a} dozen eggs, how many eggs?
        {a} years, how many months
        how many months do {a} years have?
        {n} pays {a} a month. How much a year?
        twelve times {a}
        {a} a month for one year
        rent is {a} monthly, so what is it yearly
        {n} buys {a} dozen. How many is that?
    """,
    "{a}+1": """
        which number comes after {a}?
        what number follows {a}
        one more than {a}
        what comes right after {a}
        {n} is {a} today. How old is {n} next year?
        add one to {a}
        {a} and one more
        there were {a} of us, then {n} came too. how many now
    """,
    "{a}-1": """
        which number comes before {a}?
        one less than {a}
        the number right before {a}?
        what comes right before {a}
        {n} is {a}. How old was {n} a year ago?
        take one from {a}
        we were {a} and one went home. how many are we
    """,
    "{a}*{a}": """
        {a} squared
        the square of {a}
        {a} times itself
        square {a}
        what is {a} to the power of two
        a square with sides of {a} m. what is its area
        multiply {a} by itself
        {a} rows of {a} chairs, how many chairs
    """,
    "{a}/100*{b}": """
        how much is {a} percent out of {b}
        {b} dollars and a tip of {a}%, how much is the tip?
        I get {a}% off {b}, how much do I save?
        {a} in a hundred of {b} is?
        {a}% of {b}
        what is {a} percent of {b}?
        {a} percent of {b} people came. How many came?
        {a}% of {b} is what
        of {b} people {a} percent voted. how many is that
        the tax is {a} percent on {b}. how much tax
        {n} saves {a} % of a pay of {b}. How much is saved?
        {a} per cent discount on {b}, how much do i save
        how much interest does {b} bring at {a} percent
        a tip of {a} percent on a bill of {b}?
        whats {a} pct of {b}
        {a} of every hundred of the {b} pupils are ill. how many are ill
    """,
    "{a}/3": """
        three friends share {a} {t}. How many does each get?
        one third of {a}
        {a} split three ways
        what is a third of {a}?
        cut {a} into three equal parts, how big is one
        {a} for the three of us is how much per person
        i give every third of my {a} cards away, how many are that
    """,
    "{a}*4": """
        four times {a} please
        how many paws do {a} dogs have
        how many wheels are on {a} cars
        a square has sides of {a} cm. How long is it around?
        {n} has {a}, {m} has four times as many. how many has {m}
        four people with {a} each, how much together
        {a} tables and each has four legs, how many legs
    """,
    "{a}/4": """
        one quarter of {a}
        what is a fourth of {a}
        four kids share {a} sweets. how many apiece
        {a} split four ways, what does one get
        how many cars can i build with {a} wheels
        divide {a} by four
        a quarter of the {a} people left. How many left?
    """,
    "{a}*5": """
        five times {a}
        how many fingers are on {a} hands
        five bags with {a} {t} each, how many {t}?
        {a} a day from monday to friday, how much in all
        {n} has five times as many as {m}, who has {a}. How many has {n}?
    """,
    "{a}/5": """
        five people pay {a} together, what does one pay
        one fifth of {a}
        {n} deals {a} cards to five players. how many for each
    """,
    "{a}*6": """
        six times {a}
        how many feet do {a} beetles have
        half a dozen eggs in each of {a} boxes, eggs?
    """,
    "{a}*8": """
        eight times {a}
        how many feet have {a} spiders
    """,
    "{a}*10": """
        ten times {a}
        {a} ten times over
        ten tickets at {a} each cost?
        {a} men hold up all their fingers, how many fingers is that
    """,
    "{a}/10": """
        one tenth of {a}
        {a} shared by ten people
        a tenth part of {a} is?
        ten pens cost {a}, how much is one
    """,
    "{a}*100": """
        how many cents are {a} euro
        {a} metres in cm?
        a hundred times {a}
        how many years are {a} centuries
    """,
    "{a}/100": """
        {a} cents in euro
        {a} cm is how many metres
        a hundredth of {a}
    """,
    "{a}*1000": """
        how many metres are {a} km
        {a} kg in grams
        how many ml are {a} litres?
        {a} thousand as a number
    """,
    "{a}/1000": """
        how many km are {a} metres
        {a} grams are how many kg
    """,
    "{a}/7": """
        how many weeks are {a} days
        {a} days are how many weeks?
        i need {a} in a week, how much per day
    """,
    "{a}*24": """
        how many hours are {a} days
        {a} days in hours
        hours in {a} whole days?
    """,
    "{a}/60": """
        how many hours are {a} minutes
        {a} seconds, how many minutes is that?
        {a} minutes in hours
    """,
    "{a}/12": """
        how many years are {a} months
        how many dozen are {a} eggs
        {a} a year, how much per month
    """,
    "{a}*365": """
        how many days are {a} years
        {a} every day, what does that make in a year
    """,
    "{a}+10": """
        ten more than {a}
        how old will i be in ten years if i am {a}
        {a} and ten more
    """,
    "{a}-10": """
        ten less than {a}
        how old was i ten years ago if i am {a} now
        take ten off {a}
    """,
    "{b}-{a}/100*{b}": """
        a coat for {b} is {a} percent cheaper today. What does it cost now?
        {b} less {a} percent
        {a}% off {b}, what do i pay
        price {b}, discount {a} %, new price?
        take {a} percent off {b}
        {b} reduced by {a} percent
        {a} percent of {b} people went home. how many are left
    """,
    "{b}+{a}/100*{b}": """
        {b} plus {a} percent
        a bill of {b} and {a}% tip, what do i pay in total
        raise {b} by {a} percent
        {n} earned {b} and gets {a} percent more. What does {n} earn now?
        price {b} without tax, tax is {a}%. price with tax?
        the town had {b} people and grew by {a} percent. how many now
    """,
}
