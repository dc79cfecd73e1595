<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>AnswerPage</name>
    <message>
        <source>searching …</source>
        <translation>wird gesucht …</translation>
    </message>
    <message>
        <source>a click or Enter compares</source>
        <translation>Klick oder Eingabe vergleicht</translation>
    </message>
    <message>
        <source>outlined where found · {words}</source>
        <translation>umrandet, wo gefunden · {words}</translation>
    </message>
</context>
<context>
    <name>Arrangements</name>
    <message>
        <source>the only case of it</source>
        <translation>der einzige Fall davon</translation>
    </message>
    <message>
        <source>nearest of {n} cases</source>
        <translation>nächster von {n} Fällen</translation>
    </message>
    <message>
        <source>No matches</source>
        <translation>Keine Treffer</translation>
    </message>
    <message>
        <source>Nearest case of each diagnosis</source>
        <translation>Nächster Fall jeder Diagnose</translation>
    </message>
    <message>
        <source>{n} cases like this case</source>
        <translation>{n} Fälle wie dieser Fall</translation>
    </message>
    <message>
        <source>{n} matches for the region</source>
        <translation>{n} Treffer für den Bereich</translation>
    </message>
    <message>
        <source>{n} nearest cases, none of them close</source>
        <translation>{n} nächste Fälle, keiner davon nah</translation>
    </message>
    <message>
        <source>{n} most similar cases</source>
        <translation>{n} ähnlichste Fälle</translation>
    </message>
</context>
<context>
    <name>AskPanel</name>
    <message>
        <source>Filter and search</source>
        <translation>Filter und Suche</translation>
    </message>
    <message>
        <source>Youngest age</source>
        <translation>Mindestalter</translation>
    </message>
    <message>
        <source>Oldest age</source>
        <translation>Höchstalter</translation>
    </message>
    <message>
        <source>What is compared</source>
        <translation>Was verglichen wird</translation>
    </message>
    <message>
        <source>How many cases</source>
        <translation>Wie viele Fälle</translation>
    </message>
    <message>
        <source>any</source>
        <translation>beliebig</translation>
    </message>
    <message>
        <source>Age &amp;from</source>
        <translation>Alter &amp;von</translation>
    </message>
    <message>
        <source>&amp;to</source>
        <translation>&amp;bis</translation>
    </message>
    <message>
        <source>&amp;Compare by</source>
        <translation>Ver&amp;gleich nach</translation>
    </message>
    <message>
        <source>Show c&amp;ases</source>
        <translation>&amp;Fälle zeigen</translation>
    </message>
    <message>
        <source>Close (Esc)</source>
        <translation>Schließen (Esc)</translation>
    </message>
</context>
<context>
    <name>Banner</name>
    <message>
        <source>Not dermoscopy</source>
        <translation>Keine Dermatoskopie</translation>
    </message>
    <message>
        <source>No close match</source>
        <translation>Kein naher Treffer</translation>
    </message>
    <message>
        <source>Poor picture</source>
        <translation>Schlechtes Bild</translation>
    </message>
</context>
<context>
    <name>Bars</name>
    <message>
        <source>What can be done with the match</source>
        <translation>Was mit dem Treffer getan werden kann</translation>
    </message>
    <message>
        <source>Toolbar</source>
        <translation>Werkzeugleiste</translation>
    </message>
    <message>
        <source>The blue frame is always your picture</source>
        <translation>Der blaue Rahmen ist immer Ihr Bild</translation>
    </message>
</context>
<context>
    <name>BuildingState</name>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>Describing “{library}” with {encoder}</source>
        <translation>„{library}“ wird mit {encoder} beschrieben</translation>
    </message>
    <message>
        <source>Preparing “{library}”</source>
        <translation>„{library}“ wird vorbereitet</translation>
    </message>
    <message>
        <source>{done} of {total} pictures</source>
        <translation>{done} von {total} Bildern</translation>
    </message>
    <message>
        <source>This is done once.</source>
        <translation>Das geschieht einmal.</translation>
    </message>
    <message>
        <source>Your picture {name} comes next.</source>
        <translation>Danach kommt Ihr Bild {name}.</translation>
    </message>
</context>
<context>
    <name>CaseSheet</name>
    <message>
        <source>not stated</source>
        <translation>nicht angegeben</translation>
    </message>
    <message>
        <source>Diagnosis</source>
        <translation>Diagnose</translation>
    </message>
    <message>
        <source>Confirmed by</source>
        <translation>Gesichert durch</translation>
    </message>
    <message>
        <source>Similarity</source>
        <translation>Ähnlichkeit</translation>
    </message>
    <message>
        <source>Patient</source>
        <translation>Patient/in</translation>
    </message>
    <message>
        <source>Body site</source>
        <translation>Körperstelle</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>Lesion</source>
        <translation>Läsion</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>{name}, {width} x {height} pixels</source>
        <translation>{name}, {width} x {height} Pixel</translation>
    </message>
    <message>
        <source>Pictures of the case</source>
        <translation>Bilder des Falls</translation>
    </message>
    <message>
        <source>Library</source>
        <translation>Sammlung</translation>
    </message>
    <message>
        <source>SHA-256</source>
        <translation>SHA-256</translation>
    </message>
    <message>
        <source>Match {n}</source>
        <translation>Treffer {n}</translation>
    </message>
    <message>
        <source>&amp;Copy</source>
        <translation>&amp;Kopieren</translation>
    </message>
    <message>
        <source>C&amp;lose</source>
        <translation>&amp;Schließen</translation>
    </message>
</context>
<context>
    <name>CheatSheet</name>
    <message>
        <source>On a picture</source>
        <translation>Auf einem Bild</translation>
    </message>
    <message>
        <source>Wheel</source>
        <translation>Mausrad</translation>
    </message>
    <message>
        <source>Zoom at the pointer</source>
        <translation>Unter dem Zeiger vergrößern</translation>
    </message>
    <message>
        <source>Drag</source>
        <translation>Ziehen</translation>
    </message>
    <message>
        <source>Move the picture</source>
        <translation>Bild verschieben</translation>
    </message>
    <message>
        <source>Shift+arrows</source>
        <translation>Umschalt+Pfeile</translation>
    </message>
    <message>
        <source>Double click</source>
        <translation>Doppelklick</translation>
    </message>
    <message>
        <source>Whole picture</source>
        <translation>Ganzes Bild</translation>
    </message>
    <message>
        <source>In the gallery</source>
        <translation>In der Galerie</translation>
    </message>
    <message>
        <source>Arrows</source>
        <translation>Pfeile</translation>
    </message>
    <message>
        <source>Choose a match</source>
        <translation>Treffer wählen</translation>
    </message>
    <message>
        <source>Enter, click</source>
        <translation>Eingabe, Klick</translation>
    </message>
    <message>
        <source>Compare it</source>
        <translation>Ihn vergleichen</translation>
    </message>
    <message>
        <source>Right click</source>
        <translation>Rechtsklick</translation>
    </message>
    <message>
        <source>What can be done</source>
        <translation>Was getan werden kann</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
</context>
<context>
    <name>ChipBar</name>
    <message>
        <source>What is asked</source>
        <translation>Was gefragt ist</translation>
    </message>
    <message>
        <source>Asked for</source>
        <translation>Gefragt</translation>
    </message>
</context>
<context>
    <name>ChipButton</name>
    <message>
        <source>Take away: {words}</source>
        <translation>Wegnehmen: {words}</translation>
    </message>
</context>
<context>
    <name>Commands</name>
    <message>
        <source>&amp;Ask</source>
        <translation>F&amp;ragen</translation>
    </message>
    <message>
        <source>&amp;Filter and search</source>
        <translation>&amp;Filter und Suche</translation>
    </message>
    <message>
        <source>&amp;More like this match</source>
        <translation>&amp;Mehr wie dieser Treffer</translation>
    </message>
    <message>
        <source>&amp;Leave this match out</source>
        <translation>Diesen Treffer aus&amp;lassen</translation>
    </message>
    <message>
        <source>Back to &amp;your picture</source>
        <translation>Zurück zu &amp;Ihrem Bild</translation>
    </message>
    <message>
        <source>&amp;Take all away</source>
        <translation>&amp;Alles wegnehmen</translation>
    </message>
    <message>
        <source>U&amp;ndo</source>
        <translation>Rü&amp;ckgängig</translation>
    </message>
    <message>
        <source>R&amp;edo</source>
        <translation>&amp;Wiederholen</translation>
    </message>
    <message>
        <source>&amp;Library</source>
        <translation>&amp;Sammlung</translation>
    </message>
    <message>
        <source>Show &amp;heatmaps</source>
        <translation>&amp;Karten zeigen</translation>
    </message>
    <message>
        <source>Draw as contour &amp;lines</source>
        <translation>Als &amp;Höhenlinien zeichnen</translation>
    </message>
    <message>
        <source>&amp;Stronger heatmaps</source>
        <translation>Karten &amp;stärker</translation>
    </message>
    <message>
        <source>&amp;Weaker heatmaps</source>
        <translation>Karten s&amp;chwächer</translation>
    </message>
    <message>
        <source>Colours: &amp;viridis (violet, green, yellow)</source>
        <translation>Farben: &amp;viridis (violett, grün, gelb)</translation>
    </message>
    <message>
        <source>Colours: &amp;cividis (blue, grey, yellow)</source>
        <translation>Farben: c&amp;ividis (blau, grau, gelb)</translation>
    </message>
    <message>
        <source>H&amp;eatmaps</source>
        <translation>&amp;Karten</translation>
    </message>
    <message>
        <source>Point at a &amp;spot</source>
        <translation>Auf eine &amp;Stelle zeigen</translation>
    </message>
    <message>
        <source>Search by &amp;region</source>
        <translation>Nach einem &amp;Bereich suchen</translation>
    </message>
    <message>
        <source>Back to the &amp;whole picture</source>
        <translation>Zurück zum &amp;ganzen Bild</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>&amp;Open picture…</source>
        <translation>&amp;Bild öffnen…</translation>
    </message>
    <message>
        <source>Open &amp;folder of pictures…</source>
        <translation>Bilder&amp;ordner öffnen…</translation>
    </message>
    <message>
        <source>&amp;Paste picture</source>
        <translation>Bild &amp;einfügen</translation>
    </message>
    <message>
        <source>&amp;Save picture with map…</source>
        <translation>Bild mit Karte &amp;speichern…</translation>
    </message>
    <message>
        <source>Pre&amp;vious picture</source>
        <translation>&amp;Voriges Bild</translation>
    </message>
    <message>
        <source>&amp;Next picture</source>
        <translation>Näc&amp;hstes Bild</translation>
    </message>
    <message>
        <source>&amp;Close picture</source>
        <translation>Bild s&amp;chließen</translation>
    </message>
    <message>
        <source>Re&amp;member recent pictures</source>
        <translation>Letzte Bilder &amp;merken</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>Been&amp;den</translation>
    </message>
    <message>
        <source>Open &amp;library…</source>
        <translation>&amp;Sammlung öffnen…</translation>
    </message>
    <message>
        <source>&amp;Demonstration library</source>
        <translation>&amp;Vorführsammlung</translation>
    </message>
    <message>
        <source>&amp;Stop</source>
        <translation>&amp;Anhalten</translation>
    </message>
    <message>
        <source>&amp;As the library</source>
        <translation>&amp;Wie die Sammlung</translation>
    </message>
    <message>
        <source>&amp;Matches</source>
        <translation>&amp;Treffer</translation>
    </message>
    <message>
        <source>Co&amp;mpare side by side</source>
        <translation>&amp;Nebeneinander vergleichen</translation>
    </message>
    <message>
        <source>Case details and l&amp;icence…</source>
        <translation>Angaben zum Fall und &amp;Lizenz…</translation>
    </message>
    <message>
        <source>&amp;Previous match</source>
        <translation>&amp;Voriger Treffer</translation>
    </message>
    <message>
        <source>&amp;Next match</source>
        <translation>N&amp;ächster Treffer</translation>
    </message>
    <message>
        <source>&amp;Back</source>
        <translation>&amp;Zurück</translation>
    </message>
    <message>
        <source>By &amp;similarity</source>
        <translation>Nach Ä&amp;hnlichkeit</translation>
    </message>
    <message>
        <source>By &amp;diagnosis</source>
        <translation>Nach &amp;Diagnose</translation>
    </message>
    <message>
        <source>Diff&amp;erential</source>
        <translation>Di&amp;fferenzial</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>Zoom &amp;in</source>
        <translation>Ver&amp;größern</translation>
    </message>
    <message>
        <source>Zoom &amp;out</source>
        <translation>Ver&amp;kleinern</translation>
    </message>
    <message>
        <source>Whole &amp;picture</source>
        <translation>Ganzes &amp;Bild</translation>
    </message>
    <message>
        <source>&amp;Actual pixels (1:1)</source>
        <translation>&amp;Echte Pixel (1:1)</translation>
    </message>
    <message>
        <source>Turn to the &amp;right</source>
        <translation>Nach &amp;rechts drehen</translation>
    </message>
    <message>
        <source>Turn to the &amp;left</source>
        <translation>Nach &amp;links drehen</translation>
    </message>
    <message>
        <source>&amp;Mirror</source>
        <translation>&amp;Spiegeln</translation>
    </message>
    <message>
        <source>&amp;Upright</source>
        <translation>&amp;Aufrecht</translation>
    </message>
    <message>
        <source>Loup&amp;e</source>
        <translation>L&amp;upe</translation>
    </message>
    <message>
        <source>&amp;Brightness and contrast</source>
        <translation>&amp;Helligkeit und Kontrast</translation>
    </message>
    <message>
        <source>Mea&amp;sure</source>
        <translation>&amp;Messen</translation>
    </message>
    <message>
        <source>&amp;Picture</source>
        <translation>&amp;Bild</translation>
    </message>
    <message>
        <source>&amp;As the desktop</source>
        <translation>&amp;Wie die Arbeitsfläche</translation>
    </message>
    <message>
        <source>&amp;Light</source>
        <translation>&amp;Hell</translation>
    </message>
    <message>
        <source>&amp;Dark</source>
        <translation>&amp;Dunkel</translation>
    </message>
    <message>
        <source>Language of the des&amp;ktop</source>
        <translation>&amp;Sprache der Arbeitsfläche</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>&amp;Commands by name…</source>
        <translation>&amp;Befehle nach Namen…</translation>
    </message>
    <message>
        <source>All &amp;keys</source>
        <translation>Alle &amp;Tasten</translation>
    </message>
    <message>
        <source>&amp;Recent pictures</source>
        <translation>&amp;Letzte Bilder</translation>
    </message>
</context>
<context>
    <name>ComparePage</name>
    <message>
        <source>Your picture</source>
        <translation>Ihr Bild</translation>
    </message>
    <message>
        <source>The match&apos;s picture</source>
        <translation>Bild des Treffers</translation>
    </message>
    <message>
        <source>A case, not your picture</source>
        <translation>Ein Fall, nicht Ihr Bild</translation>
    </message>
    <message>
        <source>Match {n}: {diagnosis}</source>
        <translation>Treffer {n}: {diagnosis}</translation>
    </message>
    <message>
        <source>{name} and match {n}.png</source>
        <translation>{name} und Treffer {n}.png</translation>
    </message>
    <message>
        <source>Match {n} of {total}</source>
        <translation>Treffer {n} von {total}</translation>
    </message>
    <message>
        <source>Both heatmaps</source>
        <translation>Beide Karten</translation>
    </message>
</context>
<context>
    <name>Confirmations</name>
    <message>
        <source>Histopathology</source>
        <translation>Histopathologie</translation>
    </message>
    <message>
        <source>Follow-up</source>
        <translation>Verlaufskontrolle</translation>
    </message>
    <message>
        <source>Expert consensus</source>
        <translation>Expertenkonsens</translation>
    </message>
    <message>
        <source>Confocal microscopy</source>
        <translation>Konfokale Mikroskopie</translation>
    </message>
    <message>
        <source>Computer-drawn phantom</source>
        <translation>Gezeichnetes Phantom</translation>
    </message>
    <message>
        <source>Not stated</source>
        <translation>Nicht angegeben</translation>
    </message>
</context>
<context>
    <name>ContourSwitch</name>
    <message>
        <source>Lines ({keys})</source>
        <translation>Linien ({keys})</translation>
    </message>
    <message>
        <source>Draw heatmaps as contour lines</source>
        <translation>Karten als Höhenlinien zeichnen</translation>
    </message>
</context>
<context>
    <name>Diagnoses</name>
    <message>
        <source>Actinic keratosis / intraepithelial carcinoma</source>
        <translation>Aktinische Keratose / intraepitheliales Karzinom</translation>
    </message>
    <message>
        <source>Basal cell carcinoma</source>
        <translation>Basalzellkarzinom</translation>
    </message>
    <message>
        <source>Benign keratosis</source>
        <translation>Benigne Keratose</translation>
    </message>
    <message>
        <source>Dermatofibroma</source>
        <translation>Dermatofibrom</translation>
    </message>
    <message>
        <source>Melanoma</source>
        <translation>Melanom</translation>
    </message>
    <message>
        <source>Melanocytic nevus</source>
        <translation>Melanozytärer Nävus</translation>
    </message>
    <message>
        <source>Vascular lesion</source>
        <translation>Vaskuläre Läsion</translation>
    </message>
    <message>
        <source>Squamous cell carcinoma</source>
        <translation>Plattenepithelkarzinom</translation>
    </message>
</context>
<context>
    <name>Dialogs</name>
    <message>
        <source>Pictures ({endings});;All files (*)</source>
        <translation>Bilder ({endings});;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Open pictures</source>
        <translation>Bilder öffnen</translation>
    </message>
    <message>
        <source>Open a folder of pictures</source>
        <translation>Bilderordner öffnen</translation>
    </message>
    <message>
        <source>Open a case library</source>
        <translation>Fallsammlung öffnen</translation>
    </message>
    <message>
        <source>Save picture with map</source>
        <translation>Bild mit Karte speichern</translation>
    </message>
    <message>
        <source>PNG (*.png)</source>
        <translation>PNG (*.png)</translation>
    </message>
</context>
<context>
    <name>EmptyState</name>
    <message>
        <source>Drop a dermoscopy picture here</source>
        <translation>Legen Sie hier ein Dermatoskopiebild ab</translation>
    </message>
    <message>
        <source>A JPEG, PNG, TIFF, WebP, BMP or DICOM file, or a folder of them. You will see where the model looks, and the most similar confirmed cases. The picture stays on this computer.</source>
        <translation>Eine Datei in JPEG, PNG, TIFF, WebP, BMP oder DICOM oder ein Ordner davon. Sie sehen, wohin das Modell schaut, und die ähnlichsten gesicherten Fälle. Das Bild bleibt auf diesem Rechner.</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
</context>
<context>
    <name>Evidence</name>
    <message>
        <source>{n} of {total}; {rate} of the cases that pass</source>
        <translation>{n} von {total}; {rate} der passenden Fälle</translation>
    </message>
    <message>
        <source>{n} of {total}; {rate} of this library</source>
        <translation>{n} von {total}; {rate} dieser Sammlung</translation>
    </message>
</context>
<context>
    <name>EvidenceModel</name>
    <message>
        <source>Diagnosis</source>
        <translation>Diagnose</translation>
    </message>
    <message>
        <source>Estimate for the whole picture</source>
        <translation>Schätzung für das ganze Bild</translation>
    </message>
    <message>
        <source>The model&apos;s own estimate</source>
        <translation>Schätzung des Modells allein</translation>
    </message>
    <message>
        <source>Among the matches for the region (tick: cases that pass)</source>
        <translation>Unter den Treffern des Bereichs (Strich: passende)</translation>
    </message>
    <message>
        <source>Among the matches for the region (tick: this library)</source>
        <translation>Unter den Treffern des Bereichs (Strich: Sammlung)</translation>
    </message>
    <message>
        <source>Among the most similar cases (tick: cases that pass)</source>
        <translation>Unter den ähnlichsten (Strich: passende Fälle)</translation>
    </message>
    <message>
        <source>Among the most similar cases (tick: this library)</source>
        <translation>Unter den ähnlichsten (Strich: diese Sammlung)</translation>
    </message>
    <message>
        <source>not given</source>
        <translation>keine Angabe</translation>
    </message>
</context>
<context>
    <name>EvidenceStrip</name>
    <message>
        <source>Evidence by diagnosis</source>
        <translation>Befunde nach Diagnose</translation>
    </message>
    <message>
        <source>What this shows</source>
        <translation>Was das zeigt</translation>
    </message>
</context>
<context>
    <name>EyeRow</name>
    <message>
        <source>Brightness</source>
        <translation>Helligkeit</translation>
    </message>
    <message>
        <source>Contrast</source>
        <translation>Kontrast</translation>
    </message>
    <message>
        <source>For your eye only: the model sees the pictures as they are.</source>
        <translation>Nur für Ihr Auge: Das Modell sieht die Bilder, wie sie sind.</translation>
    </message>
    <message>
        <source>As they are (B)</source>
        <translation>Wie sie sind (B)</translation>
    </message>
</context>
<context>
    <name>Flags</name>
    <message>
        <source>This does not look like dermoscopy; matches and estimate mean little here</source>
        <translation>Das sieht nicht nach Dermatoskopie aus; Treffer und Schätzung bedeuten hier wenig</translation>
    </message>
    <message>
        <source>Few cases here come near this picture; the library may lack its diagnosis</source>
        <translation>Wenige Fälle kommen diesem Bild nahe; seine Diagnose fehlt vielleicht in der Sammlung</translation>
    </message>
    <message>
        <source>Only the central square of this picture was looked at</source>
        <translation>Nur das mittlere Quadrat dieses Bildes wurde betrachtet</translation>
    </message>
    <message>
        <source>This picture is smaller than those the encoder was trained on</source>
        <translation>Dieses Bild ist kleiner als die, mit denen der Encoder trainiert wurde</translation>
    </message>
    <message>
        <source>This picture has no colour; the encoder knows dermoscopy in colour</source>
        <translation>Dieses Bild hat keine Farbe; der Encoder kennt Dermatoskopie in Farbe</translation>
    </message>
    <message>
        <source>This picture looks blurred; take it again with the glass on the skin and in focus</source>
        <translation>Dieses Bild wirkt unscharf; nehmen Sie es mit aufgesetztem Glas und scharf gestellt neu auf</translation>
    </message>
    <message>
        <source>This picture is too dark; take it again with more light</source>
        <translation>Dieses Bild ist zu dunkel; nehmen Sie es mit mehr Licht neu auf</translation>
    </message>
    <message>
        <source>Bright parts of this picture are burnt out; take it again with less light</source>
        <translation>Helle Teile dieses Bildes sind überstrahlt; nehmen Sie es mit weniger Licht neu auf</translation>
    </message>
    <message>
        <source>Much hair covers this picture; part, wet or clip it and take the picture again</source>
        <translation>Viel Haar verdeckt dieses Bild; scheiteln, befeuchten oder kürzen Sie es und nehmen Sie das Bild neu auf</translation>
    </message>
    <message>
        <source>The lesion is small in this picture; move closer, or cut the picture to it</source>
        <translation>Die Läsion ist klein in diesem Bild; gehen Sie näher heran oder schneiden Sie es zu</translation>
    </message>
    <message>
        <source>This very picture is in the library, and is its own nearest match</source>
        <translation>Genau dieses Bild ist in der Sammlung und sein eigener nächster Treffer</translation>
    </message>
</context>
<context>
    <name>GalleryDelegate</name>
    <message>
        <source>picture missing</source>
        <translation>Bild fehlt</translation>
    </message>
    <message>
        <source>loading …</source>
        <translation>wird geladen …</translation>
    </message>
</context>
<context>
    <name>GalleryView</name>
    <message>
        <source>Most similar cases</source>
        <translation>Ähnlichste Fälle</translation>
    </message>
</context>
<context>
    <name>Intake</name>
    <message>
        <source>Pasted picture</source>
        <translation>Eingefügtes Bild</translation>
    </message>
    <message>
        <source>not a picture by its name</source>
        <translation>dem Namen nach kein Bild</translation>
    </message>
    <message>
        <source>the folder cannot be read ({reason})</source>
        <translation>der Ordner kann nicht gelesen werden ({reason})</translation>
    </message>
    <message>
        <source>Copy the pictures to this computer and drop them from there</source>
        <translation>Kopieren Sie die Bilder auf diesen Rechner und legen Sie sie von dort ab</translation>
    </message>
    <message>
        <source>the folder holds no picture</source>
        <translation>der Ordner enthält kein Bild</translation>
    </message>
    <message>
        <source>Drop a folder with JPEG, PNG, TIFF, WebP, BMP or DICOM files</source>
        <translation>Legen Sie einen Ordner mit Dateien in JPEG, PNG, TIFF, WebP, BMP oder DICOM ab</translation>
    </message>
</context>
<context>
    <name>Legend</name>
    <message>
        <source>Scale of the heatmap</source>
        <translation>Skala der Karte</translation>
    </message>
    <message>
        <source>Heatmaps are hidden. {help}</source>
        <translation>Karten sind ausgeblendet. {help}</translation>
    </message>
    <message>
        <source>Lines at {lines}; 0: {none}, 1: {most}.</source>
        <translation>Linien bei {lines}; 0: {none}, 1: {most}.</translation>
    </message>
    <message>
        <source>Colours {name}, from 0: {none}, to 1: {most}.</source>
        <translation>Farben {name}, von 0: {none} bis 1: {most}.</translation>
    </message>
</context>
<context>
    <name>LibraryButton</name>
    <message>
        <source>Choose the case library</source>
        <translation>Fallsammlung wählen</translation>
    </message>
    <message>
        <source>none open</source>
        <translation>keine offen</translation>
    </message>
    <message>
        <source>Library: {name}</source>
        <translation>Sammlung: {name}</translation>
    </message>
</context>
<context>
    <name>LibraryMenu</name>
    <message>
        <source>Recent libraries</source>
        <translation>Letzte Sammlungen</translation>
    </message>
    <message>
        <source>Encoder</source>
        <translation>Encoder</translation>
    </message>
</context>
<context>
    <name>LoadingState</name>
    <message>
        <source>At work</source>
        <translation>In Arbeit</translation>
    </message>
</context>
<context>
    <name>MapControls</name>
    <message>
        <source>Opacity of the heatmaps</source>
        <translation>Deckkraft der Karten</translation>
    </message>
    <message>
        <source>Heatmap ({keys})</source>
        <translation>Karte ({keys})</translation>
    </message>
    <message>
        <source>Show heatmaps</source>
        <translation>Karten zeigen</translation>
    </message>
</context>
<context>
    <name>MapSaving</name>
    <message>
        <source>Saved as {path}</source>
        <translation>Gespeichert als {path}</translation>
    </message>
    <message>
        <source>The model saw what the dashed lines enclose, and no more.</source>
        <translation>Das Modell sah, was die gestrichelten Linien umschließen, und nicht mehr.</translation>
    </message>
    <message>
        <source>CaseLens · model {model} · library {library}</source>
        <translation>CaseLens · Modell {model} · Sammlung {library}</translation>
    </message>
    <message>
        <source>The picture was not saved</source>
        <translation>Das Bild wurde nicht gespeichert</translation>
    </message>
</context>
<context>
    <name>MapWords</name>
    <message>
        <source>Bright</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Inside the lines</source>
        <translation>In den Linien</translation>
    </message>
    <message>
        <source>none</source>
        <translation>nichts</translation>
    </message>
    <message>
        <source>strongest here for any diagnosis</source>
        <translation>am stärksten für eine Diagnose</translation>
    </message>
    <message>
        <source>{here}: what makes the model lean to {diagnosis}. It does not outline the lesion, nor say that it is one.</source>
        <translation>{here}: was das Modell zu {diagnosis} neigen lässt. Es umreißt nicht die Läsion und sagt nicht, dass es eine ist.</translation>
    </message>
    <message>
        <source>strongest in this picture</source>
        <translation>am stärksten in diesem Bild</translation>
    </message>
    <message>
        <source>{here}: what the first of two networks went by, to guide the second, which found the matches. It does not outline the lesion.</source>
        <translation>{here}: wonach das erste von zwei Netzen ging, um das zweite zu führen, das die Treffer fand. Es umreißt nicht die Läsion.</translation>
    </message>
    <message>
        <source>strongest in this gallery</source>
        <translation>am stärksten in dieser Galerie</translation>
    </message>
    <message>
        <source>{here}: what the model finds alike in the two pictures. The diagnosis may still differ.</source>
        <translation>{here}: was das Modell in beiden Bildern ähnlich findet. Die Diagnose kann trotzdem eine andere sein.</translation>
    </message>
    <message>
        <source>strongest here</source>
        <translation>am stärksten</translation>
    </message>
    <message>
        <source>{here}: what the model finds like your picture. The diagnosis may still differ.</source>
        <translation>{here}: was das Modell wie Ihr Bild findet. Die Diagnose kann eine andere sein.</translation>
    </message>
    <message>
        <source>{here}: what the model finds like the case at the left. The diagnosis may differ.</source>
        <translation>{here}: was das Modell wie den Fall links findet. Die Diagnose kann anders sein.</translation>
    </message>
    <message>
        <source>unlike</source>
        <translation>unähnlich</translation>
    </message>
    <message>
        <source>the same to the model</source>
        <translation>für das Modell gleich</translation>
    </message>
    <message>
        <source>{here}: what the model finds like the spot. It may be another structure.</source>
        <translation>{here}: was das Modell wie die Stelle findet. Es kann eine andere Struktur sein.</translation>
    </message>
    <message>
        <source>{here}: what the model finds like the marked area. The rest does not count.</source>
        <translation>{here}: was das Modell wie den markierten Bereich findet. Der Rest zählt nicht.</translation>
    </message>
</context>
<context>
    <name>Measuring</name>
    <message>
        <source>{n} px (no scale in the file)</source>
        <translation>{n} px (kein Maßstab in der Datei)</translation>
    </message>
    <message>
        <source>{n} mm</source>
        <translation>{n} mm</translation>
    </message>
</context>
<context>
    <name>NothingPasses</name>
    <message>
        <source>No case passes</source>
        <translation>Kein Fall passt</translation>
    </message>
    <message>
        <source>Nothing in this library meets all that is asked for.</source>
        <translation>Nichts in dieser Sammlung erfüllt alles, was gefragt ist.</translation>
    </message>
</context>
<context>
    <name>Palette</name>
    <message>
        <source>Commands</source>
        <translation>Befehle</translation>
    </message>
    <message>
        <source>What do you want to do?</source>
        <translation>Was möchten Sie tun?</translation>
    </message>
    <message>
        <source>Words of a command</source>
        <translation>Wörter eines Befehls</translation>
    </message>
</context>
<context>
    <name>QueryPane</name>
    <message>
        <source>Your picture</source>
        <translation>Ihr Bild</translation>
    </message>
    <message>
        <source>Diagnosis whose map is shown</source>
        <translation>Diagnose, deren Karte gezeigt wird</translation>
    </message>
    <message>
        <source>{width} x {height} pixels</source>
        <translation>{width} x {height} Pixel</translation>
    </message>
    <message>
        <source>What the first pass saw</source>
        <translation>Was der erste Durchgang sah</translation>
    </message>
    <message>
        <source>A case, not your picture</source>
        <translation>Ein Fall, nicht Ihr Bild</translation>
    </message>
    <message>
        <source>{name} with map.png</source>
        <translation>{name} mit Karte.png</translation>
    </message>
    <message>
        <source>The model saw the dashed square only</source>
        <translation>Das Modell sah nur das gestrichelte Quadrat</translation>
    </message>
    <message>
        <source>&amp;Map for</source>
        <translation>&amp;Karte für</translation>
    </message>
</context>
<context>
    <name>Question</name>
    <message>
        <source>Diagnosis</source>
        <translation>Diagnose</translation>
    </message>
    <message>
        <source>Body site</source>
        <translation>Körperstelle</translation>
    </message>
    <message>
        <source>Sex</source>
        <translation>Geschlecht</translation>
    </message>
    <message>
        <source>Confirmed by</source>
        <translation>Gesichert durch</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>not stated</source>
        <translation>nicht angegeben</translation>
    </message>
    <message>
        <source>female</source>
        <translation>weiblich</translation>
    </message>
    <message>
        <source>male</source>
        <translation>männlich</translation>
    </message>
    <message>
        <source>Embeddings (most exact)</source>
        <translation>Einbettungen (am genauesten)</translation>
    </message>
    <message>
        <source>Hash codes of {n} bits</source>
        <translation>Hashcodes mit {n} Bit</translation>
    </message>
    <message>
        <source>Like a case: {diagnosis} ({lesion})</source>
        <translation>Wie ein Fall: {diagnosis} ({lesion})</translation>
    </message>
    <message>
        <source>Region of the picture</source>
        <translation>Bereich des Bildes</translation>
    </message>
    <message>
        <source>Age: {ages}</source>
        <translation>Alter: {ages}</translation>
    </message>
    <message>
        <source>Without {n} cases</source>
        <translation>Ohne {n} Fälle</translation>
    </message>
    <message>
        <source>Without {diagnosis} ({lesion})</source>
        <translation>Ohne {diagnosis} ({lesion})</translation>
    </message>
    <message>
        <source>{n} cases</source>
        <translation>{n} Fälle</translation>
    </message>
    <message>
        <source>stated</source>
        <translation>angegeben</translation>
    </message>
    <message>
        <source>{n:g} or older</source>
        <translation>ab {n:g}</translation>
    </message>
    <message>
        <source>{n:g} or younger</source>
        <translation>bis {n:g}</translation>
    </message>
    <message>
        <source>{a:g} to {b:g}</source>
        <translation>{a:g} bis {b:g}</translation>
    </message>
    <message>
        <source>{words} and {n} more</source>
        <translation>{words} und {n} weitere</translation>
    </message>
</context>
<context>
    <name>Shelf</name>
    <message>
        <source>Demonstration library</source>
        <translation>Vorführsammlung</translation>
    </message>
</context>
<context>
    <name>Sites</name>
    <message>
        <source>abdomen</source>
        <translation>Bauch</translation>
    </message>
    <message>
        <source>acral</source>
        <translation>akral</translation>
    </message>
    <message>
        <source>anterior torso</source>
        <translation>Rumpf vorn</translation>
    </message>
    <message>
        <source>back</source>
        <translation>Rücken</translation>
    </message>
    <message>
        <source>chest</source>
        <translation>Brust</translation>
    </message>
    <message>
        <source>ear</source>
        <translation>Ohr</translation>
    </message>
    <message>
        <source>face</source>
        <translation>Gesicht</translation>
    </message>
    <message>
        <source>foot</source>
        <translation>Fuß</translation>
    </message>
    <message>
        <source>genital</source>
        <translation>genital</translation>
    </message>
    <message>
        <source>hand</source>
        <translation>Hand</translation>
    </message>
    <message>
        <source>head/neck</source>
        <translation>Kopf/Hals</translation>
    </message>
    <message>
        <source>lateral torso</source>
        <translation>Rumpf seitlich</translation>
    </message>
    <message>
        <source>lower extremity</source>
        <translation>untere Extremität</translation>
    </message>
    <message>
        <source>neck</source>
        <translation>Hals</translation>
    </message>
    <message>
        <source>oral/genital</source>
        <translation>oral/genital</translation>
    </message>
    <message>
        <source>palms/soles</source>
        <translation>Handflächen/Fußsohlen</translation>
    </message>
    <message>
        <source>posterior torso</source>
        <translation>Rumpf hinten</translation>
    </message>
    <message>
        <source>scalp</source>
        <translation>Kopfhaut</translation>
    </message>
    <message>
        <source>torso</source>
        <translation>Rumpf</translation>
    </message>
    <message>
        <source>trunk</source>
        <translation>Stamm</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>unbekannt</translation>
    </message>
    <message>
        <source>upper extremity</source>
        <translation>obere Extremität</translation>
    </message>
</context>
<context>
    <name>Stages</name>
    <message>
        <source>read</source>
        <translation>lesen</translation>
    </message>
    <message>
        <source>encode</source>
        <translation>kodieren</translation>
    </message>
    <message>
        <source>search</source>
        <translation>suchen</translation>
    </message>
</context>
<context>
    <name>States</name>
    <message>
        <source>a few seconds left</source>
        <translation>noch wenige Sekunden</translation>
    </message>
    <message>
        <source>about {n} seconds left</source>
        <translation>noch etwa {n} Sekunden</translation>
    </message>
    <message>
        <source>about {n} minutes left</source>
        <translation>noch etwa {n} Minuten</translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message>
        <source>model {name}</source>
        <translation>Modell {name}</translation>
    </message>
    <message>
        <source>library {name}, {n} cases</source>
        <translation>Sammlung {name}, {n} Fälle</translation>
    </message>
    <message>
        <source>pictures not searched: {n}</source>
        <translation>nicht durchsuchte Bilder: {n}</translation>
    </message>
    <message>
        <source>maps</source>
        <translation>Karten</translation>
    </message>
</context>
<context>
    <name>ToolRow</name>
    <message>
        <source>&amp;Box</source>
        <translation>Rechte&amp;ck</translation>
    </message>
    <message>
        <source>Fr&amp;ee shape</source>
        <translation>Fr&amp;eie Form</translation>
    </message>
    <message>
        <source>Search (Enter)</source>
        <translation>Suchen (Eingabe)</translation>
    </message>
    <message>
        <source>Search for the area that is drawn</source>
        <translation>Nach dem gezeichneten Bereich suchen</translation>
    </message>
</context>
<context>
    <name>Tools</name>
    <message>
        <source>Each match lights up where it is like the spot under the cross. Move the mouse over your picture, or the cross with the arrow keys. Escape ends pointing.</source>
        <translation>Jeder Treffer leuchtet, wo er der Stelle unter dem Kreuz gleicht. Bewegen Sie die Maus über Ihr Bild oder das Kreuz mit den Pfeiltasten. Escape beendet es.</translation>
    </message>
    <message>
        <source>{length}. Drag a line on your picture; or move its end with the arrow keys, its start with Shift and an arrow. Escape ends measuring.</source>
        <translation>{length}. Ziehen Sie eine Linie auf Ihrem Bild; oder bewegen Sie ihr Ende mit Pfeilen, ihren Anfang mit Umschalt und Pfeil. Escape beendet es.</translation>
    </message>
    <message>
        <source>Looking for cases that hold what is in this area … Escape stops.</source>
        <translation>Fälle mit dem, was in diesem Bereich ist, werden gesucht … Escape hält an.</translation>
    </message>
    <message>
        <source>Draw round a part of your picture with the mouse; it is searched for at once. Escape ends it.</source>
        <translation>Umfahren Sie einen Teil Ihres Bildes mit der Maus; er wird sofort gesucht. Escape beendet es.</translation>
    </message>
    <message>
        <source>Drag a box over a part of your picture; or move it with the arrow keys, size it with Shift and an arrow, and press Enter. Escape ends it.</source>
        <translation>Ziehen Sie ein Rechteck über einen Teil des Bildes; oder bewegen Sie es mit Pfeilen, ändern Sie es mit Umschalt und Pfeil und drücken Sie Eingabe. Escape beendet es.</translation>
    </message>
    <message>
        <source>The model saw nothing of this spot: stay within the dashed outline. Escape ends pointing.</source>
        <translation>Das Modell sah nichts von dieser Stelle: Bleiben Sie in der gestrichelten Linie. Escape beendet es.</translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>Pictures that were handed over</source>
        <translation>Übergebene Bilder</translation>
    </message>
    <message>
        <source>Not taken: {n}</source>
        <translation>Nicht angenommen: {n}</translation>
    </message>
    <message>
        <source>and {n} more</source>
        <translation>und {n} weitere</translation>
    </message>
    <message>
        <source>Picture {n} of {total}</source>
        <translation>Bild {n} von {total}</translation>
    </message>
    <message>
        <source>{words} from the folder {folder}</source>
        <translation>{words} aus dem Ordner {folder}</translation>
    </message>
    <message>
        <source>{words} ({n} more left out)</source>
        <translation>{words} ({n} weitere ausgelassen)</translation>
    </message>
</context>
<context>
    <name>TrayModel</name>
    <message>
        <source>not asked about yet</source>
        <translation>noch nicht gefragt</translation>
    </message>
    <message>
        <source>answered</source>
        <translation>beantwortet</translation>
    </message>
</context>
<context>
    <name>WhoseLabel</name>
    <message>
        <source>YOUR PICTURE</source>
        <translation>IHR BILD</translation>
    </message>
    <message>
        <source>A CASE, NOT YOUR PICTURE</source>
        <translation>EIN FALL, NICHT IHR BILD</translation>
    </message>
</context>
<context>
    <name>Window</name>
    <message>
        <source>Computer-drawn phantoms, not patients</source>
        <translation>Gezeichnete Phantome, keine Patienten</translation>
    </message>
    <message>
        <source>The clipboard holds no picture and no picture file.</source>
        <translation>Die Zwischenablage enthält kein Bild und keine Bilddatei.</translation>
    </message>
    <message>
        <source>The language changes at the next start.</source>
        <translation>Die Sprache wechselt beim nächsten Start.</translation>
    </message>
    <message>
        <source>This library could not be opened</source>
        <translation>Diese Sammlung konnte nicht geöffnet werden</translation>
    </message>
    <message>
        <source>This picture could not be looked at</source>
        <translation>Dieses Bild konnte nicht betrachtet werden</translation>
    </message>
    <message>
        <source>Looking at {name}</source>
        <translation>{name} wird betrachtet</translation>
    </message>
    <message>
        <source>your picture</source>
        <translation>Ihr Bild</translation>
    </message>
    <message>
        <source>It is asked as soon as the library is open: {library}</source>
        <translation>Gefragt wird, sobald die Sammlung offen ist: {library}</translation>
    </message>
    <message>
        <source>Opening {library} … drop a picture already, it will wait.</source>
        <translation>{library} wird geöffnet … Legen Sie schon ein Bild ab, es wartet.</translation>
    </message>
    <message>
        <source>No case library is open: choose one in the Library menu.</source>
        <translation>Keine Fallsammlung ist offen: Wählen Sie eine im Menü Sammlung.</translation>
    </message>
    <message>
        <source>Then {name} is looked at.</source>
        <translation>Dann wird {name} betrachtet.</translation>
    </message>
    <message>
        <source>Compared with: {library}, {n} cases.</source>
        <translation>Verglichen mit: {library}, {n} Fälle.</translation>
    </message>
    <message>
        <source>All of them are computer-drawn phantoms, not patients.</source>
        <translation>Alle sind vom Rechner gezeichnete Phantome, keine Patienten.</translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message>
        <source>The model&apos;s estimate is left out for that reason.</source>
        <translation>Die Schätzung des Modells entfällt deshalb.</translation>
    </message>
    <message>
        <source>No case passes what is asked for: take a condition away.</source>
        <translation>Kein Fall erfüllt, was gefragt ist: Nehmen Sie eine Bedingung weg.</translation>
    </message>
    <message>
        <source>This library holds no case to compare with.</source>
        <translation>Diese Sammlung enthält keinen Fall zum Vergleich.</translation>
    </message>
    <message>
        <source>Malignant or pre-malignant: {n} of {total} matches, {rate} of the cases that pass.</source>
        <translation>Maligne oder prämaligne: {n} von {total} Treffern, {rate} der passenden Fälle.</translation>
    </message>
    <message>
        <source>Malignant or pre-malignant: {n} of {total} matches, {rate} of this library.</source>
        <translation>Maligne oder prämaligne: {n} von {total} Treffern, {rate} dieser Sammlung.</translation>
    </message>
    <message>
        <source>These cases are like a case of the library, {diagnosis}, not like your picture: counts and estimate are about that case.</source>
        <translation>Diese Fälle gleichen einem Fall der Sammlung ({diagnosis}), nicht Ihrem Bild: Zahlen und Schätzung gelten jenem Fall.</translation>
    </message>
    <message>
        <source>Not searched: {n} pictures of which this library keeps no hash code; caselens library describe makes them.</source>
        <translation>Nicht durchsucht: {n} Bilder, von denen diese Sammlung keinen Hashcode hat; caselens library describe macht sie.</translation>
    </message>
    <message>
        <source>Only some diagnoses were searched: that the others are missing means nothing.</source>
        <translation>Nur einige Diagnosen wurden durchsucht: Dass die anderen fehlen, bedeutet nichts.</translation>
    </message>
    <message>
        <source>These cases hold something like the area you marked. A structure is shared by several diagnoses: the counts do not say what your picture shows as a whole, and the model&apos;s estimate is not about the area.</source>
        <translation>Diese Fälle enthalten etwas wie den markierten Bereich. Eine Struktur haben mehrere Diagnosen: Die Zahlen sagen nicht, was Ihr Bild als Ganzes zeigt, und die Schätzung gilt nicht dem Bereich.</translation>
    </message>
    <message>
        <source>Not searched: {n} pictures of which this library keeps no map; caselens library describe makes them.</source>
        <translation>Nicht durchsucht: {n} Bilder, von denen diese Sammlung keine Karte hat; caselens library describe macht sie.</translation>
    </message>
    <message>
        <source>about {n:.0f}</source>
        <translation>etwa {n:.0f}</translation>
    </message>
    <message>
        <source>less than one</source>
        <translation>weniger als einer</translation>
    </message>
    <message>
        <source>{diagnosis}: {n} of {total} matches; its share of the cases that pass would make {chance}.</source>
        <translation>{diagnosis}: {n} von {total} Treffern; nach ihrem Anteil an den passenden Fällen wären es {chance}.</translation>
    </message>
    <message>
        <source>{diagnosis}: {n} of {total} matches; its share of this library would make {chance}.</source>
        <translation>{diagnosis}: {n} von {total} Treffern; nach ihrem Anteil an der Sammlung wären es {chance}.</translation>
    </message>
    <message>
        <source>The model alone is undecided: no diagnosis reaches half of its estimate.</source>
        <translation>Das Modell allein ist unentschieden: Keine Diagnose erreicht die Hälfte seiner Schätzung.</translation>
    </message>
    <message>
        <source>The model alone leans to {diagnosis} ({percent}).</source>
        <translation>Das Modell allein neigt zu {diagnosis} ({percent}).</translation>
    </message>
    <message>
        <source>Matches and model disagree: the model alone leans to {diagnosis} ({percent}).</source>
        <translation>Treffer und Modell sind uneins: Das Modell allein neigt zu {diagnosis} ({percent}).</translation>
    </message>
    <message>
        <source>The model alone leans to {diagnosis} too ({percent}); both can be wrong together.</source>
        <translation>Auch das Modell allein neigt zu {diagnosis} ({percent}); beide können gemeinsam irren.</translation>
    </message>
    <message>
        <source>Research and education, not a diagnosis</source>
        <translation>Forschung und Lehre, keine Diagnose</translation>
    </message>
    <message>
        <source>Computer-drawn phantom</source>
        <translation>Gezeichnetes Phantom</translation>
    </message>
    <message>
        <source>similarity {value}</source>
        <translation>Ähnlichkeit {value}</translation>
    </message>
    <message>
        <source>{words}, {n} bits differ</source>
        <translation>{words}, {n} Bit anders</translation>
    </message>
    <message>
        <source>source not stated</source>
        <translation>Quelle nicht angegeben</translation>
    </message>
    <message>
        <source>Match {rank}: {diagnosis}, confirmed by: {confirmation}, {similarity}, {source}</source>
        <translation>Treffer {rank}: {diagnosis}, gesichert durch: {confirmation}, {similarity}, {source}</translation>
    </message>
    <message>
        <source>{age:.0f} years</source>
        <translation>{age:.0f} Jahre</translation>
    </message>
    <message>
        <source>female</source>
        <translation>weiblich</translation>
    </message>
    <message>
        <source>male</source>
        <translation>männlich</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>under 1 %</source>
        <translation>unter 1 %</translation>
    </message>
    <message>
        <source>{value:.0f} %</source>
        <translation>{value:.0f} %</translation>
    </message>
</context>
</TS>
